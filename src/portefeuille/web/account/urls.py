"""The pages by which people look after their own account."""

from django.urls import path

from portefeuille.web.account import confirming, overview, recovery, second_factor

urlpatterns = [
    path("", overview.show, name="account"),
    path("confirmer/", confirming.confirm, name="confirm"),
    path("double-authentification/", second_factor.show, name="second_factor"),
    path("double-authentification/application/", second_factor.application, name="second_factor_application"),
    path("double-authentification/<int:factor>/retirer/", second_factor.remove, name="second_factor_remove"),
    path("double-authentification/codes/", recovery.show, name="recovery_codes"),
    path("double-authentification/codes/fichier/", recovery.download, name="recovery_codes_file"),
]
