"""The verbs by which an agent helps a person, whose identity they have checked: the reason says how."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.results import ActResult, Done, Gone, NotAllowed, NothingToDo
from portefeuille.outbox.actions import post
from portefeuille.people import sessions
from portefeuille.people.models import User


def remove_factors(*, agent: AgentAccess, person: UUID, reason: str) -> ActResult:
    """Take every second factor from somebody who lost theirs: they set up another one at their next sign-in."""
    with transaction.atomic():
        user = _locked(agent, person)
        if not isinstance(user, User):
            return user
        kinds = sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        if not kinds:
            return NothingToDo()
        Authenticator.objects.filter(user=user).delete()
        sessions.end_others(user.pk, None)
        _record(agent, Verb.FACTOR_REMOVED, user, {"kinds": kinds}, {"reason": reason})
        _tell(user, "Votre double authentification est retirée", "factors_removed")
    return Done()


def sign_out(*, agent: AgentAccess, person: UUID, reason: str) -> ActResult:
    """End every session of somebody whose device was lost or lent: they sign in again, with what they know."""
    with transaction.atomic():
        user = _locked(agent, person)
        if not isinstance(user, User):
            return user
        ended = sessions.end_others(user.pk, None)
        if not ended:
            return NothingToDo()
        _record(agent, Verb.SESSION_ENDED, user, {"sessions": ended}, {"reason": reason})
        _tell(user, "Vos sessions sont terminées", "sessions_ended")
    return Done()


def close_person(*, agent: AgentAccess, person: UUID, reason: str) -> ActResult:
    """Nobody signs in with this identifier from the next request on; nothing that the person did changes."""
    return _set_active(agent=agent, person=person, reason=reason, active=False)


def reopen_person(*, agent: AgentAccess, person: UUID, reason: str) -> ActResult:
    return _set_active(agent=agent, person=person, reason=reason, active=True)


def _set_active(*, agent: AgentAccess, person: UUID, reason: str, active: bool) -> ActResult:
    with transaction.atomic():
        user = _locked(agent, person)
        if not isinstance(user, User):
            return user
        if user.is_active is active:
            return NothingToDo()
        User.objects.filter(pk=user.pk).update(is_active=active)
        if not active:
            sessions.end_others(user.pk, None)
        verb = Verb.PERSON_REOPENED if active else Verb.PERSON_CLOSED
        _record(agent, verb, user, {"active": not active}, {"active": active, "reason": reason})
        if active:
            _tell(user, "Votre identifiant est rouvert", "person_reopened")
        else:
            _tell(user, "Votre identifiant est fermé", "person_closed")
    return Done()


def _locked(agent: AgentAccess, person: UUID) -> User | NotAllowed | Gone:
    """The person, whose row is held; agents help others, never themselves."""
    if not agent.may_act:
        return NotAllowed()
    user = User.objects.select_for_update().filter(uid=person).first()
    if user is None:
        return Gone()
    return NotAllowed() if user.pk == agent.user_id else user


def _record(agent: AgentAccess, verb: Verb, user: User, before: dict[str, object], after: dict[str, object]) -> None:
    trail.record(
        chain=trail.NO_FIRM, actor=agent.actor, verb=verb, subject=f"person:{user.uid}", before=before, after=after
    )


def _tell(user: User, subject: str, message: str) -> None:
    words = {"link": f"{settings.SITE_ADDRESS}/mon-compte/", "body": settings.BODY_NAME}
    body = render_to_string(f"messages/{message}.txt", words)
    post(recipient=user.email, account_id=None, subject=subject, body=body)
