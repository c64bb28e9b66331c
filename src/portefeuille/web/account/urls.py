"""The pages by which people look after their own account."""

from django.urls import path

from portefeuille.web.account import (
    confirming,
    identity,
    overview,
    passkeys,
    password,
    recovery,
    second_factor,
    sessions,
)

urlpatterns = [
    path("", overview.show, name="account"),
    path("nom/", identity.name, name="account_name"),
    path("identifiant/", identity.email, name="account_email"),
    path("identifiant/<str:token>/", identity.confirm_email, name="account_email_confirm"),
    path("mot-de-passe/", password.change, name="account_password"),
    path("sessions/", sessions.show, name="account_sessions"),
    path("sessions/fermer/", sessions.end_others, name="account_sessions_end"),
    path("sessions/<uuid:session>/fermer/", sessions.end, name="account_session_end"),
    path("confirmer/", confirming.confirm, name="confirm"),
    path("double-authentification/", second_factor.show, name="second_factor"),
    path("double-authentification/application/", second_factor.application, name="second_factor_application"),
    path("double-authentification/cle/", passkeys.add, name="second_factor_passkey"),
    path("double-authentification/<int:factor>/retirer/", second_factor.remove, name="second_factor_remove"),
    path("double-authentification/codes/", recovery.show, name="recovery_codes"),
    path("double-authentification/codes/fichier/", recovery.download, name="recovery_codes_file"),
]
