"""Signing in and out. Of allauth's own addresses only two are open: no sign-up, no change of address."""

from django.urls import path

from portefeuille.web.sign_in import second_step, views

urlpatterns = [
    path("connexion/", views.sign_in, name="account_login"),
    path("connexion/double-authentification/", second_step.second_step, name="second_step"),
    path("deconnexion/", views.sign_out, name="account_logout"),
]
