"""What people are told by e-mail about how they sign in: each message goes through the outbox."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from portefeuille.outbox.actions import CODE, post
from portefeuille.people.models import User


class News(StrEnum):
    """What happened; the values name the templates of ``messages/``."""

    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    CODES_RENEWED = "codes_renewed"
    CODE_USED = "code_used"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a template
    EMAIL_CHANGED = "email_changed"
    NEW_DEVICE = "new_device"


SUBJECTS: Mapping[News, str] = {
    News.FACTOR_ADDED: "Votre double authentification a changé",
    News.FACTOR_REMOVED: "Votre double authentification a changé",
    News.CODES_RENEWED: "Vos codes de secours ont changé",
    News.CODE_USED: "Un de vos codes de secours a servi",
    News.PASSWORD_CHANGED: "Votre mot de passe a changé",
    News.EMAIL_CHANGED: "Votre identifiant a changé",
    News.NEW_DEVICE: "Connexion depuis un nouvel appareil",
}


def tell(person: User, news: News, *, to: str = "", **said: Any) -> None:
    """Tell a person, at the address they sign in with or at ``to``, in the transaction of what happened."""
    context = {"site": settings.SITE_ADDRESS, "body": settings.BODY_NAME, **said}
    body = render_to_string(f"messages/{news}.txt", context)
    post(recipient=to or person.email, account_id=None, subject=SUBJECTS[news], body=body)


def write(email: str, subject: str, template: str, *, path: str, token: str) -> None:
    """Send the link ``path`` + ``token`` to an address, whoever reads it; the template may leave the link out.

    The token is the message's secret: who reads the row cannot use the link.
    """
    link = f"{settings.SITE_ADDRESS}{path}{CODE}/"
    context = {"site": settings.SITE_ADDRESS, "body": settings.BODY_NAME, "link": link, "email": email}
    body = render_to_string(f"messages/{template}.txt", context)
    post(recipient=email, account_id=None, subject=subject, body=body, secret=token)
