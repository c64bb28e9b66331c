"""The public pages, and the choice of a firm."""

from django.urls import path

from portefeuille.web.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("creer-votre-espace/", views.create_space, name="create_space"),
    path("verifier-une-attestation/", views.verify_certificate, name="verify_certificate"),
    path("mon-espace/", views.my_space, name="my_space"),
    path("sante/", views.health, name="health"),
]
