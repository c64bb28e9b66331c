"""The pages by which people look after their own account."""

from django.urls import path

from portefeuille.web.account import confirming, overview

urlpatterns = [
    path("", overview.show, name="account"),
    path("confirmer/", confirming.confirm, name="confirm"),
    path("double-authentification/", overview.second_factor, name="second_factor"),
]
