"""What the client and the firm are told about an enrolment (R9): each message is rendered here and posted."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string

from portefeuille.enrolments.contest_links import link_of, token_for
from portefeuille.enrolments.models import Decision
from portefeuille.outbox.actions import CODE, Posted, post, post_many
from portefeuille.registry import queries as registry
from portefeuille.registry.queries import Subject


class Act(StrEnum):
    """The acts a client is told about; the values name the templates."""

    ADDED = "added"
    ASKED = "asked"
    EXPIRED = "expired"
    CHANGED = "changed"
    TERMINATED = "terminated"
    RESTORED = "restored"


SUBJECTS: Mapping[Act, str] = {
    Act.ADDED: "Un cabinet agit désormais pour vous",
    Act.ASKED: "Un cabinet attend votre accord",
    Act.EXPIRED: "La demande d'un cabinet est close",
    Act.CHANGED: "Les services d'un cabinet ont changé",
    Act.TERMINATED: "Un cabinet n'agit plus pour vous",
    Act.RESTORED: "Un cabinet agit de nouveau pour vous",
}


def tell_client(act: Act, *, enrolment: UUID, firm_name: str, email: str, account_id: int | None) -> None:
    """Tell the client that a firm did ``act``: by e-mail, or by letter where the body has no address.

    The text names the firm and nothing else: neither the client nor an identifier. The name stays on one line, so that
    it cannot pass for a paragraph of the body's own. The link is its secret: who reads the row cannot use it.
    """
    tell_contacts(act, firm_name=firm_name, told=[(enrolment, email, account_id)])


def tell_clients(act: Act, *, firm_name: str, enrolments: Sequence[tuple[UUID, Subject]]) -> None:
    """``tell_client`` about each of many enrolments: two statements in all, and the text is rendered once."""
    if not enrolments:
        return
    contacts = registry.contacts(subject for _, subject in enrolments)
    tell_contacts(
        act, firm_name=firm_name, told=[(uid, *contacts.get(subject, ("", None))) for uid, subject in enrolments]
    )


def tell_contacts(act: Act, *, firm_name: str, told: Sequence[tuple[UUID, str, int | None]]) -> None:
    """The same where it is known whom to write to: (enrolment, e-mail, account) of each."""
    if not told:
        return
    body = _body(act, firm_name)
    links = CODE in body  # of what has ended there is nothing to contest
    post_many(
        SUBJECTS[act],
        body,
        [Posted(email, account_id, token_for(enrolment) if links else "") for enrolment, email, account_id in told],
    )


def _body(act: Act, firm_name: str) -> str:
    return _text_about(act, " ".join(firm_name.split()), settings.BODY_NAME, settings.SITE_ADDRESS, link_of(CODE))


@lru_cache(maxsize=1000)  # a firm that adds clients one after the other tells each the same
def _text_about(act: Act, firm: str, body: str, site: str, link: str) -> str:
    return render_to_string(f"messages/{act}.txt", {"firm": firm, "link": link, "body": body, "site": site})


#: What the firm reads in the e-mail about each decision, after «Un de vos clients».
DECIDED: Mapping[Decision.Kind, tuple[str, str]] = {
    Decision.Kind.CONFIRMED: ("Un client accepte votre inscription", "Vous pouvez maintenant agir pour lui."),
    Decision.Kind.REFUSED: ("Un client refuse votre inscription", "Vous ne pouvez pas agir pour lui."),
    Decision.Kind.EXPIRED: (
        "Un client n'a pas répondu à votre demande",
        "La demande est close : vous pouvez la faire de nouveau.",
    ),
    Decision.Kind.CONTESTED: (
        "Un client conteste une inscription",
        "Elle est suspendue : vous n'avez plus accès à ses services.",
    ),
    Decision.Kind.WITHDRAWN: ("Un client ne conteste plus une inscription", "Vous retrouvez l'accès à ses services."),
    Decision.Kind.ENDED: ("Un client met fin à une inscription", "Vous n'avez plus accès à ce client."),
}


def tell_firm(kind: Decision.Kind, *, enrolment_id: int) -> None:
    """Tell the administrators of the firm, and the members who see this client, what the client decided.

    The text does not name the client: the page that it links to does, to whoever may see it.
    """
    subject, meaning = DECIDED[kind]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.uid, u.email FROM enrolments_enrolment e
            JOIN firms_firm f ON f.id = e.firm_id
            JOIN firms_member m ON m.firm_id = f.id AND m.active
            JOIN people_user u ON u.id = m.user_id AND u.is_active
            WHERE e.id = %s AND (
                m.role = 'administrator'
                OR (EXISTS (SELECT FROM firms_portfoliogrant g
                            WHERE g.member_id = m.id AND g.portfolio_id = e.portfolio_id)
                    AND (NOT e.restricted OR EXISTS (SELECT FROM enrolments_onlyfor o
                                                     WHERE o.enrolment_id = e.id AND o.member_id = m.id)))
            )
            ORDER BY m.id
            """,
            [enrolment_id],
        )
        told = cursor.fetchall()
    for firm_uid, email in told:
        link = f"{settings.SITE_ADDRESS}/cabinets/{firm_uid}/decisions/"
        body = render_to_string(
            "messages/decided.txt",
            {"said": kind.label, "meaning": meaning, "link": link, "body": settings.BODY_NAME},
        )
        post(recipient=email, account_id=None, subject=subject, body=body)
