"""Signing in and out. Of allauth's own addresses only two are open: no sign-up, no change of address."""

from django.urls import path

from portefeuille.web.sign_in import resetting, second_step, views, with_passkey

urlpatterns = [
    path("connexion/", views.sign_in, name="account_login"),
    path("connexion/cle/", with_passkey.sign_in, name="passkey_sign_in"),
    path("connexion/double-authentification/", second_step.second_step, name="second_step"),
    path("mot-de-passe/", resetting.ask, name="reset_ask"),
    path("mot-de-passe/envoye/", resetting.sent, name="reset_sent"),
    path("mot-de-passe/<str:token>/", resetting.choose, name="reset_choose"),
    path("deconnexion/", views.sign_out, name="account_logout"),
]
