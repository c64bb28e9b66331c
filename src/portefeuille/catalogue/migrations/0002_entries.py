"""The two columns of the real space's screens."""

from django.db import migrations

EVERYBODY = ["RG", "AC", "PL", "PLR", "GM"]
EMPLOYERS = ["RG"]

SERVICES = [
    ("dpae", "DPAE", "Déclaration d'embauche", EVERYBODY),
    ("dpae-service-plus", "DPAE service Plus", "Déclaration d'embauche", EVERYBODY),
    ("declaration-cotisations", "Déclaration de cotisations", "", EVERYBODY),
    ("paiement-cotisations", "Paiement des cotisations", "", EVERYBODY),
    ("situation-comptes", "Situation des comptes", "", EVERYBODY),
    ("echanges", "Échanges avec mon Urssaf", "", EVERYBODY),
    ("attestations", "Attestations", "", EVERYBODY),
    ("notifications-contentieuses", "Notifications contentieuses", "", EVERYBODY),
    ("travailler-etranger", "Travailler à l'étranger", "", EMPLOYERS),
    ("suivi-dsn", "Tableau de bord Suivi DSN", "", EMPLOYERS),
]

NOTICES = [
    ("bis", "Avis de mise à disposition du BIS", EVERYBODY),
    ("certificat", "Copie du certificat de la déclaration et/ou du paiement", EVERYBODY),
    ("debut-periode", "Information de début de période de la déclaration et du paiement", EVERYBODY),
    ("messages", "Avis de mise à disposition de messages dans la boîte aux lettres", EVERYBODY),
    ("attestations", "Avis de mise à disposition d'attestations", EVERYBODY),
    ("notifications-contentieuses", "Avis de mise à disposition de notifications contentieuses", EVERYBODY),
    ("suivi-dsn", "Avis de mise à disposition suivi DSN", EVERYBODY),
]


def add_entries(apps, schema_editor):
    Service = apps.get_model("catalogue", "Service")
    Notice = apps.get_model("catalogue", "Notice")
    Service.objects.bulk_create(
        Service(code=code, label=label, group=group, bit=place, position=place, regimes=regimes)
        for place, (code, label, group, regimes) in enumerate(SERVICES)
    )
    Notice.objects.bulk_create(
        Notice(code=code, label=label, bit=place, position=place, regimes=regimes)
        for place, (code, label, regimes) in enumerate(NOTICES)
    )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]
    operations = [migrations.RunPython(add_entries, migrations.RunPython.noop)]
