"""How a run ends: with its last line, or before."""

from collections.abc import Mapping

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string

from portefeuille.imports.lines import TRIED, Check, Outcome
from portefeuille.imports.models import KEPT_REPORT, Block, Import
from portefeuille.outbox.actions import post

STOPPED: Mapping[Import.Ending, str] = {
    Import.Ending.CANCELLED: "Vous avez arrêté l'ajout avant cette ligne.",
    Import.Ending.LIMIT: "Le nombre d'essais permis était atteint. Envoyez de nouveau cette ligne plus tard.",
    Import.Ending.RIGHTS: "Vous n'aviez plus accès à ce cabinet.",
    Import.Ending.FAULT: "L'ajout s'est arrêté sur une panne de notre part. Envoyez de nouveau cette ligne.",
}


def end(of: Import, why: str) -> None:
    """End a run, in the transaction that holds it: what is left is not tried, and the member is told."""
    for block in Block.objects.filter(of=of, outcomes="").order_by("number").defer("cells"):
        signs = block.checked
        block.outcomes = "".join(Outcome.OURS if sign == Check.OURS else Outcome.NOT_TRIED for sign in signs)
        if why:
            sentence = STOPPED[Import.Ending(why)]
            block.remarks |= {str(place): ("", sentence) for place, sign in enumerate(signs) if sign in TRIED}
        block.save(update_fields=["outcomes", "remarks"])
    of.state, of.ending = Import.State.DONE, why
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_import SET state = 'done', ending = %s, ended_at = clock_timestamp(), address = '',"
            " lease = lease + 1, leased_until = NULL,"
            " expires_at = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
            [why, KEPT_REPORT.total_seconds(), of.pk],
        )
    _tell(of)


def _tell(of: Import) -> None:
    """The member, by e-mail: without a number of clients nor a name, only where the report is."""
    link = f"{settings.SITE_ADDRESS}/cabinets/{of.firm.uid}/ajouter/en-nombre/{of.uid}/"
    body = render_to_string(
        "messages/import_done.txt",
        {"link": link, "body": settings.BODY_NAME, "ended": of.ending, "days": KEPT_REPORT.days},
    )
    post(recipient=of.member.user.email, account_id=None, subject="Votre ajout en nombre est terminé", body=body)
