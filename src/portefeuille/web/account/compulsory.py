"""For whom a second factor is compulsory: administrators of firms, and agents of the body."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from portefeuille.backoffice.models import Agent
from portefeuille.firms.models import Firm, Member
from portefeuille.people.second_factor import has_second_factor
from portefeuille.web.account.going import with_goal
from portefeuille.web.parking import park


def must_have_one(person_id: int) -> bool:
    """Whether the person's last factor cannot be removed; a grace changes nothing to that."""
    administrator = Member.objects.filter(
        user=person_id, active=True, role=Member.Role.ADMINISTRATOR, firm__state=Firm.State.ACTIVE
    )
    return administrator.exists() or Agent.objects.filter(user=person_id, active=True).exists()


def lacks_one(person_id: int) -> bool:
    """For the door of the agents, who have no grace."""
    return not has_second_factor(person_id)


def to_set_up(request: HttpRequest) -> HttpResponse:
    """To the page that sets up a second factor, then back to this address. What was typed is parked."""
    goal = with_goal(reverse("second_factor"), request.get_full_path())
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": goal})
    if request.method == "POST":
        park(request, owner=str(request.user.pk))
    return HttpResponseRedirect(goal)
