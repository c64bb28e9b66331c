"""Asking for a code, and the worker's answer. The page that asks does the same work whoever the client is."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from portefeuille.outbox.actions import CODE, post
from portefeuille.people import links
from portefeuille.people.models import Link
from portefeuille.posted_codes.actions import Holder, bearer_of, send, take_turn
from portefeuille.posted_codes.models import CodeRequest, PostedCode
from portefeuille.registry import client_queries as registry
from portefeuille.registry.models import Regime
from portefeuille.registry.queries import Subject, contact

#: A letter on its way is not replaced by another one; an e-mail soon is.
LETTER_TAKES = timedelta(days=7)
EMAIL_TAKES = timedelta(minutes=5)
_BATCH = 20
_TEXTS = {  # the subject and the text
    PostedCode.Purpose.SPACE: ("Votre code pour ouvrir votre espace", "code_space"),
    PostedCode.Purpose.ENROLMENT: ("Un code pour votre cabinet", "code_enrolment"),
}


def ask(
    *, purpose: PostedCode.Purpose, holder: Holder, firm_id: int = 0, email: str = "", link: bool = False, code: bool
) -> None:
    """Note a request, in the caller's transaction. ``link`` and ``code``: what the budgets admitted."""
    CodeRequest.objects.bulk_create(
        [
            CodeRequest(
                purpose=purpose,
                firm_id=firm_id,
                regime=holder.regime,
                siren=holder.siren,
                account_number=holder.account_number,
                email=email,
                link=link,
                code=code,
                asked_at=timezone.now(),
            )
        ]
    )


def answer_due() -> int:
    """Answer what was asked: the link to who asked, the code to the address of record; how many requests.

    Several workers share the rows. One that dies leaves them to the next.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM posted_codes_coderequest WHERE id = ANY(ARRAY(
                SELECT id FROM posted_codes_coderequest ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            ))
            RETURNING id, purpose, firm_id, regime, siren, account_number, email, link, code
            """,
            [_BATCH],
        )
        # In one order of clients: two workers that answer the same ones never wait for each other in a ring.
        asked = sorted(cursor.fetchall(), key=lambda row: (row[1:], row[0]))
        for _, purpose, firm_id, regime, siren, account_number, email, link, code in asked:
            holder = Holder(siren=siren, account_number=account_number, regime=regime)
            if link:
                _send_link(email, holder)
            if code:
                _send_code(PostedCode.Purpose(purpose), holder, firm_id, bearer_of(email) if email else "")
    return len(asked)


def _send_link(email: str, holder: Holder) -> None:
    payload = {"siren": holder.siren, "account_number": holder.account_number}
    token = links.issue(Link.Purpose.OPEN_CLIENT_SPACE, email=email, payload=payload)
    words = {"link": f"{settings.SITE_ADDRESS}/espace-client/ouvrir/{CODE}/", **_words()}
    body = render_to_string("messages/space_link.txt", words)
    post(recipient=email, account_id=None, subject="Ouvrir votre espace", body=body, secret=token)


def _send_code(purpose: PostedCode.Purpose, holder: Holder, firm_id: int, bearer: str) -> None:
    """A firm's code always goes by letter: the e-mail that the body has may be the firm's own."""
    if holder.regime:
        email, account_id = contact(Subject(Regime(holder.regime), holder.siren))
    else:
        email, account_id = registry.contact_of_client(siren=holder.siren, account_number=holder.account_number)
    by_letter = purpose is PostedCode.Purpose.ENROLMENT or not email
    take_turn(purpose=purpose, holder=holder, firm_id=firm_id, bearer=bearer)
    if account_id is None or _on_its_way(purpose, holder, firm_id, bearer, LETTER_TAKES if by_letter else EMAIL_TAKES):
        return
    subject, text = _TEXTS[purpose]
    words = {"firm": _name_of(firm_id), "code": CODE, **_words()}
    send(
        purpose=purpose,
        holder=holder,
        firm_id=firm_id,
        email="" if by_letter else email,
        account_id=account_id,
        subject=subject,
        body=render_to_string(f"messages/{text}.txt", words),
        bearer=bearer,
    )


def _on_its_way(purpose: PostedCode.Purpose, holder: Holder, firm_id: int, bearer: str, takes: timedelta) -> bool:
    return PostedCode.objects.filter(
        purpose=purpose,
        firm_id=firm_id,
        regime=holder.regime,
        siren=holder.siren,
        account_number=holder.account_number,
        bearer=bearer,
        ended_at=None,
        tries_left__gt=0,
        created_at__gt=timezone.now() - takes,
    ).exists()


def _name_of(firm_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM firms_firm WHERE id = %s", [firm_id])
        (name,) = cursor.fetchone() or ("",)
    return " ".join(name.split())


def _words() -> dict[str, str]:
    return {"body": settings.BODY_NAME, "site": settings.SITE_ADDRESS}
