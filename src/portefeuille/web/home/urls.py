"""The public pages, and the choice of a firm."""

from django.urls import path

from portefeuille.web.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("conditions/", views.terms, name="terms"),
    path("verifier-une-attestation/", views.verify_certificate, name="verify_certificate"),
    path("mon-espace/", views.my_space, name="my_space"),
    path("sante/", views.health, name="health"),
]
