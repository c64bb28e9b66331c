"""Writing the trail: whole, in order, in the change's own transaction, and by nobody's hand but its function's."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from portefeuille.audit import trail
from portefeuille.audit.models import Chain, Event
from portefeuille.audit.verbs import Verb
from portefeuille.audit.verification import verify
from portefeuille.private_postgres import rights
from portefeuille.private_postgres.cluster import APP
from tests.throttling.together import Crew, database_url, start


def note(chain: int = 7, actor: str = "command:tests", subject: str = "enrolment:x") -> None:
    with transaction.atomic():
        trail.record(chain=chain, actor=actor, verb=Verb.ENROLMENT_CHANGED, subject=subject)


@pytest.mark.django_db(transaction=True)
def test_what_was_before_and_after_is_read_back_as_it_was_written() -> None:
    before = {"services": ["dpae"], "vide": None, "é": {"n": [1, 2.5, True, "\u202f\"'\\", ""]}}
    after = {"services": [], "long": "œ" * 5000}
    with transaction.atomic():
        trail.record(
            chain=3, actor="member:1", verb=Verb.ENROLMENT_CHANGED, subject="enrolment:2", before=before, after=after
        )
        trail.record(chain=3, actor="member:1", verb=Verb.ENROLMENT_CHANGED, subject="enrolment:2")
    first, second = Event.objects.filter(chain=3).order_by("seq")
    assert (first.seq, first.actor, first.verb, first.subject) == (1, "member:1", "enrolment.changed", "enrolment:2")
    assert (first.before, first.after) == (before, after)
    assert (second.before, second.after) == (None, None)
    assert (bytes(first.previous), bytes(second.previous)) == (b"", bytes(first.digest))
    head = Chain.objects.get(chain=3)
    assert (head.seq, bytes(head.digest)) == (2, bytes(second.digest))
    assert verify().intact


@pytest.mark.django_db(transaction=True)
def test_many_events_at_once_are_what_one_by_one_would_be() -> None:
    before = {"services": ["dpae"], "é": {"n": [1, 2.5, True, "\u202f\"'\\", ""]}}
    note(subject="enrolment:0")
    with transaction.atomic():
        trail.record_many(
            chain=7,
            actor="member:1",
            entries=[
                trail.Entry(Verb.ENROLMENT_CHANGED, "enrolment:1", before, {"services": []}),
                trail.Entry(Verb.ENROLMENT_TERMINATED, "enrolment:2"),
                trail.Entry(Verb.ENROLMENT_CHANGED, "enrolment:3", None, before),
            ],
        )
        trail.record_many(chain=7, actor="member:1", entries=[])
        trail.record_many(chain=8, actor="member:1", entries=[trail.Entry(Verb.ENROLMENT_CHANGED, "enrolment:4")])
    note(subject="enrolment:5")
    found = Event.objects.filter(chain=7).order_by("seq")
    assert [(event.seq, event.subject) for event in found] == [
        (1, "enrolment:0"), (2, "enrolment:1"), (3, "enrolment:2"), (4, "enrolment:3"), (5, "enrolment:5")
    ]  # fmt: skip
    assert [(event.before, event.after) for event in found[1:4]] == [
        (before, {"services": []}), (None, None), (None, before)
    ]  # fmt: skip
    assert Chain.objects.get(chain=8).seq == 1
    assert verify().intact


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("actor", "verb"), [("", Verb.FIRM_CREATED), ("command:tests", "")])
def test_not_one_of_many_events_without_an_actor_and_a_verb(actor: str, verb: Verb) -> None:
    entries = [trail.Entry(Verb.FIRM_CREATED, "firm:x"), trail.Entry(verb, "firm:y")]
    with pytest.raises(DatabaseError, match="an actor and a verb"), transaction.atomic():
        trail.record_many(chain=1, actor=actor, entries=entries)
    with pytest.raises(TransactionManagementError):
        trail.record_many(chain=1, actor="command:tests", entries=entries)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_event_outside_a_transaction() -> None:
    with pytest.raises(TransactionManagementError):
        trail.record(chain=1, actor="command:tests", verb=Verb.FIRM_CREATED, subject="firm:x")
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("actor", "verb"), [("", Verb.FIRM_CREATED), ("command:tests", "")])
def test_no_event_without_an_actor_and_a_verb(actor: str, verb: Verb) -> None:
    with pytest.raises(DatabaseError, match="an actor and a verb"), transaction.atomic():
        trail.record(chain=1, actor=actor, verb=verb, subject="firm:x")
    assert not Event.objects.exists()
    assert not Chain.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_leaves_no_event_and_no_gap() -> None:
    note()
    with transaction.atomic():
        trail.record(chain=7, actor="command:tests", verb=Verb.ENROLMENT_ADDED, subject="enrolment:x")
        transaction.set_rollback(True)
    note()
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]
    assert verify().intact


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_line_without_gap_nor_fork() -> None:
    turns = count()

    def write() -> None:
        mine = next(turns)
        for n in range(10):
            with transaction.atomic():
                # A few undo what they wrote: their number must come back into use.
                trail.record(chain=n % 2, actor=f"member:{mine}", verb=Verb.ENROLMENT_ADDED, subject=f"enrolment:{n}")
                if (mine + n) % 5 == 0:
                    transaction.set_rollback(True)

    with Crew(16) as crew:
        assert crew.together([write] * 16) == [None] * 16
    written = sum((mine + n) % 5 != 0 for mine in range(16) for n in range(10))
    assert Event.objects.count() == written
    for chain in (0, 1):
        seqs = list(Event.objects.filter(chain=chain).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
    assert verify().breaks == ()


_RECORD_AND_HANG = """
from django.db import transaction
from portefeuille.audit import trail
with transaction.atomic():
    trail.record(chain=7, actor="command:tests", verb="enrolment.added", subject="enrolment:x")
    print("written", flush=True)
    input()
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_writer_killed_before_its_end_leaves_no_gap() -> None:
    note()
    with start(_RECORD_AND_HANG) as process:
        assert process.stdout
        assert process.stdout.readline() == "written\n"
        process.kill()
    note()
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]
    assert verify().intact


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'member:nobody'",
        "UPDATE audit_event SET actor = actor WHERE false",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "DELETE FROM audit_chain",
        "TRUNCATE audit_chain",
    ],
)
def test_even_the_superuser_meets_the_triggers(statement: str) -> None:
    note()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify().events == 1


@pytest.fixture
def application(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A connection with the rights that the product gives to its web processes, and no others."""
    rights.grant(database_url(), APP)
    with psycopg.connect(database_url(), autocommit=True) as raw:
        raw.execute(f"SET ROLE {APP}")
        yield raw


def test_the_application_appends_through_the_function_and_reads(application: psycopg.Connection) -> None:
    application.execute("SELECT audit_append(5, 'member:1', 'enrolment.added', 'enrolment:2', NULL, '{\"a\": 1}')")
    assert application.execute("SELECT seq, after->>'a' FROM audit_event").fetchall() == [(1, "1")]
    assert verify().intact


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_event SELECT * FROM audit_event WHERE false",
        "UPDATE audit_event SET actor = 'member:nobody'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "INSERT INTO audit_chain (chain, seq, digest) VALUES (9, 1, '')",
        "UPDATE audit_chain SET seq = 0",
        "DELETE FROM audit_chain",
        "TRUNCATE audit_chain",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_event_append_only ON audit_event",
        "DROP TABLE audit_event CASCADE",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION audit_digest(e audit_event) RETURNS bytea LANGUAGE sql AS 'SELECT e.digest'",
        "DROP FUNCTION audit_append(bigint, text, text, text, jsonb, jsonb)",
        "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
        "CREATE TRIGGER mine BEFORE INSERT ON audit_event EXECUTE FUNCTION audit_refuse_rewriting()",
    ],
)
def test_the_application_cannot_touch_the_trail_otherwise(application: psycopg.Connection, statement: str) -> None:
    note()
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction)) as refused:
        application.execute(statement)
    # Refused by its rights, not by the triggers, which somebody could have forgotten.
    assert "append-only" not in str(refused.value)
    report = verify()
    assert (report.events, report.intact) == (1, True)


def test_a_temporary_table_does_not_stand_in_for_the_trail(application: psycopg.Connection) -> None:
    application.execute("CREATE TEMPORARY TABLE audit_event (LIKE public.audit_event)")
    application.execute("CREATE TEMPORARY TABLE audit_chain (LIKE public.audit_chain INCLUDING ALL)")
    application.execute("SELECT audit_append(5, 'member:1', 'enrolment.added', 'enrolment:2', NULL, NULL)")
    assert Event.objects.filter(chain=5).count() == 1
