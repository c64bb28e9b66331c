"""What the client and the firm are told about an enrolment (R9): each message is rendered here and posted."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string

from portefeuille.enrolments.contest_links import link_for
from portefeuille.firms.models import Member
from portefeuille.outbox.actions import post


class Act(StrEnum):
    """The acts a client is told about; the values name the templates."""

    ADDED = "added"
    CHANGED = "changed"
    TERMINATED = "terminated"
    RESTORED = "restored"


SUBJECTS: Mapping[Act, str] = {
    Act.ADDED: "Un cabinet agit désormais pour vous",
    Act.CHANGED: "Les services d'un cabinet ont changé",
    Act.TERMINATED: "Un cabinet n'agit plus pour vous",
    Act.RESTORED: "Un cabinet agit de nouveau pour vous",
}


def tell_client(act: Act, *, enrolment: UUID, firm_name: str, email: str, account_id: int | None) -> None:
    """Tell the client that a firm did ``act``: by e-mail, or by letter where the body has no address.

    The text names the firm and nothing else: neither the client nor an identifier. The name stays on one line, so that
    it cannot pass for a paragraph of the body's own.
    """
    firm_name = " ".join(firm_name.split())
    body = render_to_string(
        f"messages/{act}.txt",
        {"firm": firm_name, "link": link_for(enrolment), "body": settings.BODY_NAME, "site": settings.SITE_ADDRESS},
    )
    post(recipient=email, account_id=account_id, subject=SUBJECTS[act], body=body)


def tell_firm_contested(*, firm_id: int, firm_uid: UUID, enrolment: UUID) -> None:
    """Tell every administrator of the firm that a client contested."""
    body = render_to_string(
        "messages/contested.txt",
        {"link": f"{settings.SITE_ADDRESS}/cabinets/{firm_uid}/clients/{enrolment}/", "body": settings.BODY_NAME},
    )
    administrators = Member.objects.filter(firm_id=firm_id, active=True, role=Member.Role.ADMINISTRATOR)
    for email in administrators.order_by("pk").values_list("user__email", flat=True):
        post(recipient=email, account_id=None, subject="Un client conteste une inscription", body=body)
