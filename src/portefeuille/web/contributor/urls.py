"""The pages of a client's space. The space is in the address of each."""

from django.urls import path

from portefeuille.web.contributor import acting, people, views

urlpatterns = [
    path("", views.show, name="client_space"),
    path("historique/", views.history, name="client_space_history"),
    path("nouveaux-cabinets/", views.rule, name="client_space_rule"),
    path("personnes/", people.show, name="client_space_people"),
    path("personnes/<uuid:holder>/depart/", people.end, name="client_space_leave"),
    path("cabinets/<uuid:enrolment>/", views.firm, name="client_space_firm"),
    path("cabinets/<uuid:enrolment>/<slug:act>/", acting.answer, name="client_space_answer"),
]
