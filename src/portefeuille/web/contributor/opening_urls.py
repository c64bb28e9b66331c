"""Opening a client's space, without being anybody yet."""

from django.urls import path

from portefeuille.web.contributor import opening

urlpatterns = [
    path("", opening.ask, name="open_client_space"),
    path("envoye/", opening.sent, name="client_space_sent"),
    path("code/", opening.come_back, name="client_space_code"),
    path("code/envoye/", opening.link_sent, name="client_space_link_sent"),
    path("ouvrir/<str:token>/", opening.open_space, name="client_space_link"),
]
