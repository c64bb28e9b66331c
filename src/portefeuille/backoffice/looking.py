"""Every look of an agent at personal data is in the trail: what was opened, never what was read there."""

from typing import Any

from django.db import transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.backoffice.access import AgentAccess


def seen(agent: AgentAccess, subject: str, *, chain: int = trail.NO_FIRM, **about: Any) -> None:
    """Record that the agent opened ``subject`` (``person:<uid>``, ``search:<kind>``…), before the page is shown.

    ``chain`` is the firm's where a firm was opened: its own journal then says so. ``about`` holds no NIR, no amount,
    and of an account number its keyed name only.
    """
    with transaction.atomic():
        trail.record(chain=chain, actor=agent.actor, verb=Verb.DATA_SEEN, subject=subject, after=about or None)
