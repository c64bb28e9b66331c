"""What people are told about firms and teams: each message is rendered here and posted (R12).

No message holds a name that its recipient could not expect, and a firm's or a person's name stays on one line, so that
it cannot pass for a paragraph of the body's own.
"""

from django.conf import settings
from django.template.loader import render_to_string

from portefeuille.firms.models import Member
from portefeuille.outbox.actions import CODE, post


def tell(recipient: str, subject: str, message: str, *, token: str = "", **words: object) -> None:
    """Post the text ``message`` of this room's templates to an address; ``words`` are what it names.

    ``path`` among them becomes ``link``, an address of the site. A ``token`` ends it, and is the message's secret: who
    reads the row cannot use the link.
    """
    if "path" in words:
        words["link"] = f"{settings.SITE_ADDRESS}{words.pop('path')}{f'{CODE}/' if token else ''}"
    on_one_line = {name: " ".join(word.split()) if isinstance(word, str) else word for name, word in words.items()}
    body = render_to_string(f"messages/{message}.txt", {**on_one_line, "body": settings.BODY_NAME})
    post(recipient=recipient, account_id=None, subject=subject, body=body, secret=token)


def tell_administrators(firm_id: int, subject: str, message: str, *, but: int = 0, **words: object) -> None:
    """The same to every administrator of a firm who can sign in, except the member ``but``."""
    administrators = Member.objects.filter(
        firm_id=firm_id, active=True, role=Member.Role.ADMINISTRATOR, user__is_active=True
    )
    for email in administrators.exclude(pk=but).order_by("pk").values_list("user__email", flat=True):
        tell(email, subject, message, token="", **words)
