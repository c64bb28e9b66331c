"""Many clients at once are the same as one after the other, in everything that anybody can see."""

import random
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portefeuille.audit.models import Event
from portefeuille.audit.verification import verify
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments.actions import terminate
from portefeuille.enrolments.enrolling import Wish, enrol, enrol_many
from portefeuille.enrolments.models import ClientRule, Enrolment, Submission
from portefeuille.enrolments.proving import Proof
from portefeuille.enrolments.results import AlreadyEnrolled, Asked, Enrolled, NotAllowed, NotProved, NotTried
from portefeuille.outbox.models import Message
from portefeuille.throttling.models import Budget
from tests.cast import CLIENTS, EMPLOYER, INDEPENDENT, MANAGER, REGULATED, Cast, CastClient
from tests.enrolments.books import assert_the_books_balance

ADDRESS = "192.0.2.1"
SOME = Selection(0b101, 0b1)


def wish(cast: Cast, client: CastClient, **changes: Any) -> Wish:
    given = {"portfolio_id": cast.employers.pk, "subject": client.subject, "proof": client.proof, "selection": SOME}
    return Wish(**{**given, **changes})


def wrong(client: CastClient) -> Proof:
    return Proof(client.account, "1.07" if client.amount else "187037512345682")


def shape(result: Any) -> tuple[Any, ...]:
    return (type(result), getattr(result, "remaining", None), getattr(result, "again", None))


def traces() -> tuple[Any, ...]:
    """What is left in the tables, without what is drawn by lot."""
    events = Event.objects.filter(verb__startswith="enrolment").order_by("seq")
    return (
        [(event.chain, event.actor, event.verb, event.after, event.subject.partition(":")[0]) for event in events],
        sorted((bytes(row.key), len(row.failures)) for row in Budget.objects.order_by("pk")),
        sorted(Message.objects.values_list("channel", "recipient", "account_id", "subject")),
        sorted(
            Enrolment.objects.values_list(
                "regime", "siren", "account_number", "state", "portfolio_id", "services", "name"
            )
        ),
        Submission.objects.count(),
    )


@pytest.mark.parametrize("seed", range(30))
def test_many_at_once_are_the_same_as_one_after_the_other(cast: Cast, seed: int, settings: Any) -> None:
    chance = random.Random(seed)
    if seed % 3 == 0:  # budgets that are soon spent, those that are not told too
        settings.PROOF_BUDGETS = {name: [(chance.randint(1, 4), 3600)] for name in settings.PROOF_BUDGETS}
    if seed % 4 == 1:
        ClientRule.objects.update_or_create(siren=EMPLOYER.siren, defaults={"rule": chance.choice(["ask", "closed"])})
    access = cast.access(chance.choice(["alice", "bob"]))
    keys = [uuid4() for _ in range(6)]
    wishes = []
    for _ in range(12):
        client = chance.choice(CLIENTS)
        proof = chance.choice([client.proof, client.proof, wrong(client), Proof("999000000000000017", client.fact)])
        portfolio = chance.choice([cast.employers.pk] * 3 + [cast.independents.pk, cast.portfolio_b.pk])
        wishes.append(wish(cast, client, proof=proof, portfolio_id=portfolio, key=chance.choice(keys)))
    told = []
    for many in (True, False):
        with transaction.atomic():
            if many:
                results: list[Any] = list(enrol_many(access=access, wishes=wishes, address=ADDRESS, whole=True))
            else:
                results = [
                    enrol(
                        access=access, portfolio_id=one.portfolio_id, subject=one.subject, proof=one.proof,
                        selection=one.selection, address=ADDRESS, form_key=one.key,
                    )
                    for one in wishes
                ]  # fmt: skip
            told.append(([shape(result) for result in results], traces()))
            transaction.set_rollback(True)
    assert told[0][0] == told[1][0]
    assert told[0][1] == told[1][1]


def test_nobody_is_tried_once_the_firm_has_spent_its_attempts(cast: Cast, settings: Any) -> None:
    settings.PROOF_BUDGETS = {**settings.PROOF_BUDGETS, "firm": [(2, 3600)]}
    wishes = [
        wish(cast, EMPLOYER),
        wish(cast, INDEPENDENT, proof=wrong(INDEPENDENT)),
        wish(cast, REGULATED),
        wish(cast, MANAGER, proof=wrong(MANAGER)),
        *[wish(cast, client) for client in CLIENTS],
    ]
    results = enrol_many(access=cast.access("alice"), wishes=wishes, address=ADDRESS)
    assert [type(result) for result in results] == [
        Enrolled,
        NotProved,
        Enrolled,
        NotProved,
        *[NotTried] * len(CLIENTS),
    ]
    assert Event.objects.filter(verb="enrolment.refused").count() == 2
    again = enrol_many(access=cast.access("alice"), wishes=wishes[:1], address=ADDRESS)
    assert again == [NotTried()]
    assert isinstance(
        enrol_many(access=cast.access("alice"), wishes=wishes[:1], address=ADDRESS, whole=True)[0], NotProved
    )


@pytest.mark.parametrize("name", ["pair", "account"])
def test_what_only_one_client_has_spent_ends_nothing(cast: Cast, settings: Any, name: str) -> None:
    settings.PROOF_BUDGETS = {**settings.PROOF_BUDGETS, name: [(1, 3600)]}
    wishes = [wish(cast, EMPLOYER, proof=wrong(EMPLOYER)), wish(cast, EMPLOYER), wish(cast, INDEPENDENT)]
    results = enrol_many(access=cast.access("alice"), wishes=wishes, address=ADDRESS)
    assert [type(result) for result in results] == [NotProved, NotProved, Enrolled]


def test_the_same_client_twice_is_added_once(cast: Cast) -> None:
    first, second = enrol_many(
        access=cast.access("bob"), wishes=[wish(cast, EMPLOYER)] * 1 + [wish(cast, EMPLOYER)], address=ADDRESS
    )
    assert isinstance(first, Enrolled)
    assert second == AlreadyEnrolled(first.uid, visible=True)
    assert_the_books_balance()


def test_the_same_key_for_two_clients_is_no_harm(cast: Cast) -> None:
    key = uuid4()
    results = enrol_many(
        access=cast.access("bob"),
        wishes=[wish(cast, EMPLOYER, key=key), wish(cast, INDEPENDENT, key=key)],
        address=ADDRESS,
    )
    assert all(isinstance(result, Enrolled) for result in results)


def test_a_client_that_wants_to_say_yes_is_asked(cast: Cast) -> None:
    ClientRule.objects.update_or_create(siren=EMPLOYER.siren, defaults={"rule": "ask"})
    results = enrol_many(
        access=cast.access("bob"), wishes=[wish(cast, EMPLOYER), wish(cast, MANAGER)], address=ADDRESS
    )
    assert [type(result) for result in results] == [Asked, Enrolled]
    assert_the_books_balance()


def test_only_portfolios_that_the_member_manages(cast: Cast) -> None:
    wishes = [wish(cast, EMPLOYER), wish(cast, MANAGER, portfolio_id=cast.independents.pk)]
    results = enrol_many(access=cast.access("bob"), wishes=wishes, address=ADDRESS)
    assert isinstance(results[0], Enrolled)
    assert results[1] == NotAllowed()
    assert enrol_many(access=cast.access("rita"), wishes=wishes, address=ADDRESS) == [NotAllowed()] * 2


def test_the_chain_of_many_events_is_whole(committed_cast: Cast) -> None:
    access = committed_cast.access("alice")
    wishes = [wish(committed_cast, client) for client in CLIENTS]
    enrol_many(access=access, wishes=wishes, address=ADDRESS)
    terminate(access=access, enrolments=list(Enrolment.objects.values_list("uid", flat=True)))
    enrol_many(access=access, wishes=[wish(committed_cast, client) for client in CLIENTS], address=ADDRESS)
    assert verify().breaks == ()


def test_statements_do_not_grow_with_clients(cast: Cast) -> None:
    enrol_many(access=cast.access("alice"), wishes=[wish(cast, EMPLOYER, proof=wrong(EMPLOYER))], address=ADDRESS)
    counts = []
    for clients in (CLIENTS[:2], CLIENTS[2:]):
        access = cast.access("alice")
        with CaptureQueriesContext(connection) as captured:
            enrol_many(access=access, wishes=[wish(cast, client) for client in clients], address=ADDRESS)
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    # Facts, budgets, the enrolments with their forms, the trail, the messages.
    assert counts == [5, 5]


def test_a_proof_is_not_in_the_words_of_a_wish(cast: Cast) -> None:
    assert EMPLOYER.amount not in repr(wish(cast, EMPLOYER))
