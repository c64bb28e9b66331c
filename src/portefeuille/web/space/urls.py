"""The pages of a firm. The firm and the client are in the address of each (R10)."""

from django.urls import include, path, register_converter

from portefeuille.web.adding import letters
from portefeuille.web.adding import views as adding
from portefeuille.web.bulk import bringing_back, exporting
from portefeuille.web.bulk import changing as bulk
from portefeuille.web.clients import changing, ending, inviting, listing, sharing
from portefeuille.web.decisions import views as decisions
from portefeuille.web.imports import views as imports
from portefeuille.web.journal import views as journal
from portefeuille.web.space import dashboard
from portefeuille.web.space.converters import RegimeConverter, SirenConverter, SiretConverter
from portefeuille.web.team.urls import portfolio_urlpatterns
from portefeuille.web.templates_of_services import views as templates

register_converter(SirenConverter, "siren")
register_converter(SiretConverter, "siret")
register_converter(RegimeConverter, "regime")

urlpatterns = [
    path("", dashboard.show, name="dashboard"),
    path("decisions/", decisions.show, name="decisions"),
    path("equipe/", include("portefeuille.web.team.urls")),
    path("portefeuilles/", include(portfolio_urlpatterns)),
    path("journal/", journal.show, name="journal"),
    path("journal/exporter/", journal.export, name="export_journal"),
    path("ajouter/", adding.add, name="add"),
    path("ajouter/siren/<siren:siren>/", adding.choose_regime, name="choose_regime"),
    path("ajouter/siren/<siren:siren>/<regime:regime>/", adding.enrol_siren, name="enrol_siren"),
    path("ajouter/en-nombre/", imports.send, name="import_send"),
    path("ajouter/en-nombre/modele.csv", imports.model, {"kind": "csv"}, name="import_model_csv"),
    path("ajouter/en-nombre/modele.xlsx", imports.model, {"kind": "xlsx"}, name="import_model_xlsx"),
    path("ajouter/en-nombre/<uuid:uid>/", imports.one, name="import_one"),
    path("ajouter/en-nombre/<uuid:uid>/colonnes/", imports.columns, name="import_columns"),
    path("ajouter/en-nombre/<uuid:uid>/lignes/<int:place>/", imports.line, name="import_line"),
    path("ajouter/en-nombre/<uuid:uid>/lancer/", imports.start, name="import_start"),
    path("ajouter/en-nombre/<uuid:uid>/arreter/", imports.stop, name="import_stop"),
    path("ajouter/en-nombre/<uuid:uid>/supprimer/", imports.delete, name="import_delete"),
    path("ajouter/en-nombre/<uuid:uid>/resultat.csv", imports.report, {"kind": "csv"}, name="import_report_csv"),
    path("ajouter/en-nombre/<uuid:uid>/resultat.xlsx", imports.report, {"kind": "xlsx"}, name="import_report_xlsx"),
    path("ajouter/compte/<str:token>/", adding.enrol_account, name="enrol_account"),
    path("modeles/", templates.show, name="templates"),
    path("modeles/nouveau/", templates.new, name="new_template"),
    path("modeles/<uuid:template>/", templates.change, name="template"),
    path("modeles/<uuid:template>/supprimer/", templates.remove, name="remove_template"),
    path("ajouter/siren/<siren:siren>/<regime:regime>/courrier/", letters.ask_siren, name="ask_code_siren"),
    path("ajouter/compte/<str:token>/courrier/", letters.ask_account, name="ask_code_account"),
    path("ajouter/siren/<siren:siren>/<regime:regime>/code/", letters.enrol_siren, name="enrol_code_siren"),
    path("ajouter/compte/<str:token>/code/", letters.enrol_account, name="enrol_code_account"),
    path("clients/", listing.show, name="clients"),
    path("clients/exporter/", exporting.export_clients, name="export_clients"),
    path("clients/deplacer/", sharing.move_clients, name="move_clients"),
    path("clients/modifier/", bulk.change_many, name="change_many"),
    path("clients/rapporter/", bringing_back.bring_back, name="bring_back"),
    path("clients/modifications/<uuid:act>/", bulk.show_act, name="bulk_act"),
    path("clients/resilier/", ending.terminate_many, name="terminate_many"),
    path("clients/retablir/<uuid:ending>/", ending.undo, name="undo"),
    path("clients/<uuid:enrolment>/", changing.change_client, name="client"),
    path("clients/<uuid:enrolment>/inviter/", inviting.invite_client, name="invite_client"),
    path("clients/<uuid:enrolment>/acces/", sharing.client_access, name="client_access"),
    path("clients/<uuid:enrolment>/resilier/", ending.terminate_one, name="terminate"),
    path(
        "clients/<uuid:enrolment>/etablissements/<siret:siret>/", changing.change_establishment, name="establishment"
    ),
]
