"""The pages of the body's agents, under ``/organisme/``."""

from django.urls import path, register_converter

from portefeuille.web.backoffice import (
    accounts,
    agents,
    catalogue,
    codes,
    finding,
    firms,
    home,
    letters,
    people,
    tries,
)
from portefeuille.web.backoffice.converters import DecisionConverter

register_converter(DecisionConverter, "decision")

urlpatterns = [
    path("", home.show, name="office"),
    path("cabinets/", firms.show_all, name="office_firms"),
    path("cabinets/<uuid:firm>/", firms.show, name="office_firm"),
    path("cabinets/<uuid:firm>/<decision:decision>/", firms.decide_about, name="office_decide"),
    path("chercher/", finding.find, name="office_find"),
    path("chercher/<str:token>/", finding.found, name="office_found"),
    path("comptes/<int:account>/", accounts.show, name="office_account"),
    path("comptes/<int:account>/code/", codes.send_a_code, name="office_code"),
    path("essais/<str:token>/", tries.lift_budget, name="office_lift"),
    path("personnes/<uuid:person>/", people.show, name="office_person"),
    path("personnes/<uuid:person>/<slug:act>/", people.help_person, name="office_help"),
    path("lettres/", letters.show_queue, name="office_letters"),
    path("lettres/imprimer/", letters.print_queue, name="office_print"),
    path("lettres/<uuid:batch>/", letters.batch, name="office_batch"),
    path("courriels/", letters.show_messages, name="office_messages"),
    path("courriels/<uuid:message>/renvoyer/", letters.try_again, name="office_retry"),
    path("catalogue/", catalogue.show, name="office_catalogue"),
    path("catalogue/<slug:kind>/<slug:code>/", catalogue.change, name="office_entry"),
    path("forfaits/", catalogue.show_flat_rates, name="office_flat_rates"),
    path("forfaits/ajouter/", catalogue.add_flat_rate, name="office_flat_rate_add"),
    path("forfaits/<int:flat_rate>/retirer/", catalogue.remove_flat_rate, name="office_flat_rate_remove"),
    path("agents/", agents.show, name="office_agents"),
    path("agents/<uuid:other>/<slug:act>/", agents.change, name="office_agent"),
]
