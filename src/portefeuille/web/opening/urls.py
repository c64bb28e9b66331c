"""Opening a firm's space, without being anybody yet."""

from django.urls import path

from portefeuille.web.opening import views

urlpatterns = [
    path("", views.ask, name="create_space"),
    path("courriel/", views.sent, name="create_space_sent"),
    path("<str:token>/", views.open_firm, name="open_firm"),
]
