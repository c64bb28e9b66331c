"""The team of a firm: members, invitations, who asks to join; and its portfolios."""

from django.urls import path

from portefeuille.web.team import inviting, leaving, members, portfolios

urlpatterns = [
    path("", members.show, name="team"),
    path("inviter/", inviting.invite, name="invite"),
    path("invitations/<uuid:invitation>/renvoyer/", inviting.send_again, name="invitation_again"),
    path("invitations/<uuid:invitation>/annuler/", inviting.cancel, name="invitation_cancel"),
    path("demandes/<uuid:asking>/", inviting.answer_request, name="join_request"),
    path("<uuid:member>/", members.member, name="member"),
    path("<uuid:member>/droits/", members.change_rights, name="member_rights"),
    path("<uuid:member>/droits/<uuid:portfolio>/", members.narrow, name="member_narrow"),
    path("<uuid:member>/role/", members.change_role, name="member_role"),
    path("<uuid:member>/depart/", leaving.leave, name="member_leave"),
]

portfolio_urlpatterns = [
    path("", portfolios.show, name="portfolios"),
    path("<uuid:portfolio>/", portfolios.portfolio, name="portfolio"),
    path("<uuid:portfolio>/acces/", portfolios.give, name="portfolio_give"),
    path("<uuid:portfolio>/supprimer/", portfolios.remove, name="portfolio_remove"),
]
