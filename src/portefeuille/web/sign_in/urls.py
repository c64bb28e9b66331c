"""The only two addresses of allauth that we open: no sign-up, no change of address."""

from django.urls import path

from portefeuille.web.sign_in import views

urlpatterns = [
    path("connexion/", views.sign_in, name="account_login"),
    path("deconnexion/", views.sign_out, name="account_logout"),
]
