"""The verbs of persons that are of no firm's business."""

from django.db import transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.people.models import User


def person_with(email: str) -> User | None:
    """The person who signs in with an address, whatever its case; None when there is none."""
    return User.objects.filter(email__iexact=email.strip()).order_by("pk").first()


def open_person(*, email: str, full_name: str, password: str) -> User:
    """A new person who signs in with ``email``, whose ownership a link has just proved.

    The caller has checked the password. Raises IntegrityError when the address is somebody's already.
    """
    with transaction.atomic():
        user = User.objects.create_user(email=email, password=password, full_name=full_name)
        trail.record(
            chain=trail.NO_FIRM, actor=f"person:{user.uid}", verb=Verb.PERSON_OPENED, subject=f"person:{user.uid}"
        )
    return user
