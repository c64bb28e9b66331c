"""Judging what somebody shows to prove who they are. Each verdict passes its budgets before it may be used."""

from collections.abc import Mapping
from enum import Enum

from django.conf import settings
from django.db import transaction

from portefeuille.people.models import User
from portefeuille.throttling import budgets


class Verdict(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    OTHER_TIME = "other time"  # a code of the right secret, of a clock that is not ours
    TOO_MANY = "too many"


Spending = Mapping[str, tuple[bytes, budgets.Windows]]


def password_verdict(person: User, password: str) -> Verdict:
    """Whether a password is that of a person who is signed in already.

    Counted for the person alone: only they, or whoever holds their session, can spend it.
    """
    spending = spending_of("confirm", person.pk)
    if spent(spending):
        return Verdict.TOO_MANY
    return judged(spending, right=person.check_password(password))


def spending_of(name: str, *parts: object) -> Spending:
    """One budget of ``SIGN_IN_BUDGETS``, for the row that ``parts`` name."""
    return {name: (budgets.key_of(name, *parts), settings.SIGN_IN_BUDGETS[name])}


def spent(spending: Spending) -> bool:
    """Asked before any hashing, or whoever is locked out could still keep a core busy."""
    return min(budgets.remaining(spending).values()) < 1


def judged(spending: Spending, *, right: bool) -> Verdict:
    """Count an attempt, and say what may be said of it."""
    with transaction.atomic():
        attempt = budgets.attempt(spending, failed=not right)
    if not attempt.admitted:
        return Verdict.TOO_MANY
    return Verdict.RIGHT if right else Verdict.WRONG
