"""Every address of the site."""

from django.urls import include, path

from portefeuille.web.contesting import views as contesting
from portefeuille.web.invitations import views as invitations
from portefeuille.web.kept_emails import views as kept_emails

urlpatterns = [
    path("", include("portefeuille.web.home.urls")),
    path("", include("portefeuille.web.sign_in.urls")),
    path("", include("portefeuille.web.single_sign_on.urls")),
    path("creer-votre-espace/", include("portefeuille.web.opening.urls")),
    path("mon-compte/", include("portefeuille.web.account.urls")),
    path("invitations/<str:token>/", invitations.answer, name="invitation"),
    path("courriels/", kept_emails.every_email, name="kept_emails"),
    path("courriels/<uuid:uid>/", kept_emails.one_email, name="kept_email"),
    path("contester/<str:token>/", contesting.contest, name="contest"),
    path("espace-client/", include("portefeuille.web.contributor.opening_urls")),
    path("espaces/<uuid:space>/", include("portefeuille.web.contributor.urls")),
    path("cabinets/<uuid:firm>/", include("portefeuille.web.space.urls")),
    path("organisme/", include("portefeuille.web.backoffice.urls")),
]

handler400 = "portefeuille.web.errors.bad_request"
handler403 = "portefeuille.web.errors.permission_denied"
handler404 = "portefeuille.web.errors.not_found"
handler500 = "portefeuille.web.errors.server_error"
