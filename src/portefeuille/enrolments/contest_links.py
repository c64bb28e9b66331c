"""The links by which a client contests an enrolment: signed, for one enrolment, good for thirty days (R9)."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

GOOD_FOR = timedelta(days=30)
_SALT = "portefeuille.enrolments.contest"


def token_for(enrolment: UUID) -> str:
    return signing.dumps(enrolment.hex, salt=_SALT)


def enrolment_of(token: str) -> UUID | None:
    """The enrolment that a link is about; None for a forged or expired one."""
    try:
        return UUID(hex=signing.loads(token, salt=_SALT, max_age=GOOD_FOR))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def link_of(token: str) -> str:
    return f"{settings.SITE_ADDRESS}/contester/{token}/"
