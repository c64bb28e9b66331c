"""The way to a provider of single sign-on and back, and what is said when it leads nowhere; the links made."""

from django.urls import path

from portefeuille.web.single_sign_on import again, linked, views

urlpatterns = [
    path("connexion/<slug:provider>/", views.start, name="sign_on"),
    path("connexion/<slug:provider>/retour/", views.come_back, name="sign_on_return"),
    path("connexion/<slug:provider>/echec/", views.failed, name="sign_on_failed"),
    path("connexion/<slug:provider>/adresse-non-verifiee/", views.not_verified, name="sign_on_not_verified"),
    path("connexion/<slug:provider>/sans-espace/", views.no_space, name="sign_on_no_space"),
    path("mon-compte/confirmer/<slug:provider>/", again.ask, name="confirm_with"),
    path("mon-compte/identites/", linked.show, name="sign_on_links"),
    path("mon-compte/identites/<int:link>/dissocier/", linked.unlink, name="sign_on_unlink"),
]
