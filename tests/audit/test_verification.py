"""Reading the trail back after somebody with every right on the database has been there."""

import hashlib
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from portefeuille.audit import checkpoints, trail, verification
from portefeuille.audit.models import Event
from portefeuille.audit.verbs import Verb
from portefeuille.audit.verification import verify
from tests.throttling.together import Crew

pytestmark = pytest.mark.django_db(transaction=True)

CHAINS = {1: 12, 2: 5, 0: 1}


def write(chain: int, number: int = 1) -> None:
    with transaction.atomic():
        for n in range(number):
            trail.record(
                chain=chain,
                actor=f"member:{n}",
                verb=Verb.ENROLMENT_CHANGED,
                subject=f"enrolment:{n}",
                before={"services": ["dpae"], "n": n},
                after=None if n % 3 == 0 else {"services": [], "n": n},
            )


@pytest.fixture
def chains(transactional_db: None) -> None:
    for chain, number in CHAINS.items():
        write(chain, number)
    assert verify().intact


@contextmanager
def tampering() -> Iterator[Any]:
    """Hands on the tables, triggers off: what a superuser with intent does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


def mend_head(cursor: Any, chain: int) -> None:
    """Make the head agree with the last event that is left."""
    cursor.execute(
        "UPDATE audit_chain SET (seq, digest) ="
        " (SELECT seq, digest FROM audit_event WHERE chain = %s ORDER BY seq DESC LIMIT 1) WHERE chain = %s",
        [chain, chain],
    )


def rewrite(cursor: Any, chain: int, from_seq: int = 1) -> None:
    """Give every event of a chain a right digest again, and the head too: nothing inside the database betrays it."""
    for seq in range(from_seq, CHAINS[chain] + 1):
        cursor.execute(
            """
            UPDATE audit_event e SET previous = coalesce(
                (SELECT digest FROM audit_event p WHERE p.chain = e.chain AND p.seq = e.seq - 1), ''::bytea
            ) WHERE chain = %s AND seq = %s
            """,
            [chain, seq],
        )
        cursor.execute("UPDATE audit_event e SET digest = audit_digest(e) WHERE chain = %s AND seq = %s", [chain, seq])
    mend_head(cursor, chain)


EDITS = {
    "chain": "chain = 99",
    "seq": "seq = 99",
    "at": "at = at + interval '1 microsecond'",
    "actor": "actor = 'member:9'",
    "verb": "verb = 'enrolment.added'",
    "subject": "subject = subject || ' '",
    "before": "before = jsonb_set(before, '{n}', '999')",
    "after": """after = '{"services": ["dpae"]}'""",
    "previous": "previous = sha256(previous)",
    "digest": "digest = sha256(digest)",
}


def test_an_untouched_trail_is_intact(chains: None) -> None:
    report = verify()
    assert (report.chains, report.events, report.checkpoints, report.breaks) == (3, 18, 0, ())


def test_every_column_that_means_something_is_watched() -> None:
    assert {field.attname for field in Event._meta.fields} == {*EDITS, "id"}


@pytest.mark.parametrize("column", EDITS)
@pytest.mark.parametrize("seq", [1, 5, 12])
def test_an_edited_column_is_found(chains: None, column: str, seq: int) -> None:
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_event SET {EDITS[column]} WHERE chain = 1 AND seq = %s", [seq])
    breaks = verify().breaks
    assert {found.chain for found in breaks} <= {1, 99}
    assert breaks
    assert min(found.seq for found in breaks if found.chain == 1) in (seq, seq + 1)


def test_one_event_deleted_in_the_middle_is_found(chains: None) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE chain = 1 AND seq = 6")
    assert [(found.chain, found.seq) for found in verify().breaks] == [(1, 7)]


def test_a_deleted_tail_is_found_by_the_head(chains: None) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE chain = 1 AND seq > 10")
    assert [(found.chain, found.seq) for found in verify().breaks] == [(1, 11)]


def test_a_deleted_tail_with_its_head_mended_is_found_by_the_checkpoint(chains: None) -> None:
    checkpoints.sign_heads()
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE chain = 1 AND seq > 10")
        mend_head(cursor, 1)
    assert [(found.chain, found.seq) for found in verify().breaks] == [(1, 12)]
    # Nor does signing what is left, or going on, cover it.
    checkpoints.sign_heads()
    write(1, 4)
    checkpoints.sign_heads()
    assert [(found.chain, found.seq) for found in verify().breaks] == [(1, 12)]


def test_a_chain_that_vanished_is_found(chains: None) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE chain = 2")
    assert [(found.chain, found.seq) for found in verify().breaks] == [(2, 1)]


def test_a_chain_that_vanished_with_its_head_is_found_by_the_checkpoint(chains: None) -> None:
    checkpoints.sign_heads()
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE chain = 2")
        cursor.execute("DELETE FROM audit_chain WHERE chain = 2")
    assert [(found.chain, found.seq) for found in verify().breaks] == [(2, 5)]


def test_two_events_that_changed_places_are_found(chains: None) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE audit_event SET seq = -seq WHERE chain = 1 AND seq IN (4, 5)")
        cursor.execute("UPDATE audit_event SET seq = 9 + seq WHERE chain = 1 AND seq < 0")
    assert [(found.chain, found.seq) for found in verify().breaks] == [(1, 4)]


def test_an_inserted_event_is_found(chains: None) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE audit_event SET seq = -(seq + 1) WHERE chain = 1 AND seq > 5")
        cursor.execute("UPDATE audit_event SET seq = -seq WHERE chain = 1 AND seq < 0")
        cursor.execute(
            """
            INSERT INTO audit_event (chain, seq, at, actor, verb, subject, previous, digest)
            SELECT chain, 6, at, actor, verb, subject, digest, digest FROM audit_event WHERE chain = 1 AND seq = 5
            """
        )
        cursor.execute("UPDATE audit_event e SET digest = audit_digest(e) WHERE chain = 1 AND seq = 6")
        mend_head(cursor, 1)
    assert [(found.chain, found.seq) for found in verify().breaks] == [(1, 7)]


def test_an_event_outside_every_chain_is_found(chains: None) -> None:
    with tampering() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (chain, seq, at, actor, verb, subject, previous, digest)"
            " VALUES (50, 1, now(), 'member:1', 'enrolment.added', 'enrolment:1', '', '')"
        )
        cursor.execute("UPDATE audit_event e SET digest = audit_digest(e) WHERE chain = 50")
    assert [(found.chain, found.seq) for found in verify().breaks] == [(50, 1)]


@pytest.mark.parametrize("edited", [1, 6, 12])
def test_a_chain_rewritten_with_right_digests_is_found_by_the_checkpoint_only(chains: None, edited: int) -> None:
    checkpoints.sign_heads()
    with tampering() as cursor:
        cursor.execute("UPDATE audit_event SET actor = 'member:other' WHERE chain = 1 AND seq = %s", [edited])
        rewrite(cursor, 1)
    assert [(found.chain, found.seq, "checkpoint" in found.reason) for found in verify().breaks] == [(1, 12, True)]
    Path(_file()).unlink()  # why the file belongs on another machine
    assert verify().intact


def test_a_function_that_always_agrees_deceives_nobody(chains: None) -> None:
    with tampering() as cursor:
        cursor.execute("SELECT pg_get_functiondef('audit_digest(audit_event)'::regprocedure)")
        (definition,) = cursor.fetchone()
        cursor.execute(
            "CREATE OR REPLACE FUNCTION audit_digest(e audit_event) RETURNS bytea LANGUAGE sql STABLE"
            " AS 'SELECT e.digest'"
        )
        cursor.execute("UPDATE audit_event SET actor = 'member:other' WHERE chain = 1 AND seq = 3")
    try:
        assert [(found.chain, found.seq) for found in verify().breaks] == [(1, 3)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(definition)


@pytest.mark.slow
def test_random_tampers_are_all_found(chains: None) -> None:
    """Hundreds of small evil deeds, each undone after it was looked for; half of them with right digests after."""
    checkpoints.sign_heads()
    dice = random.Random(20261123)
    signed = checkpoints.read()
    for _ in range(300):
        chain = dice.choice([1, 1, 2])
        seq = dice.randint(1, CHAINS[chain])
        column, edit = dice.choice([item for item in EDITS.items() if item[0] not in ("chain", "seq")])
        deed = dice.choice(["edit", "edit", "delete", "swap", "cut", "rewrite"])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            point = transaction.savepoint()
            if deed == "edit":
                cursor.execute(f"UPDATE audit_event SET {edit} WHERE chain = %s AND seq = %s", [chain, seq])
                if dice.random() < 0.5:
                    mend_head(cursor, chain)
            elif deed == "delete":
                cursor.execute("DELETE FROM audit_event WHERE chain = %s AND seq = %s", [chain, seq])
            elif deed == "cut":
                cursor.execute("DELETE FROM audit_event WHERE chain = %s AND seq >= %s", [chain, max(2, seq)])
                mend_head(cursor, chain)
            elif deed == "swap":
                other = seq % CHAINS[chain] + 1
                cursor.execute(
                    "UPDATE audit_event SET seq = -(%s::int + %s::int - seq) WHERE chain = %s AND seq IN (%s, %s)",
                    [seq, other, chain, seq, other],
                )
                cursor.execute("UPDATE audit_event SET seq = -seq WHERE chain = %s AND seq < 0", [chain])
                mend_head(cursor, chain)
            else:
                cursor.execute(
                    "UPDATE audit_event SET actor = %s WHERE chain = %s AND seq = %s",
                    [f"member:{dice.random()}", chain, seq],
                )
                rewrite(cursor, chain)
            breaks = verification.breaks_of(cursor, signed)
            assert breaks, (deed, column, chain, seq)
            assert {found.chain for found in breaks} == {chain}
            transaction.savepoint_rollback(point)
    assert verify().intact


# --- the checkpoints -------------------------------------------------------------------------------------------------


def _file() -> str:
    from django.conf import settings

    path: str = settings.AUDIT_CHECKPOINTS
    return path


def lines() -> list[bytes]:
    return Path(_file()).read_bytes().splitlines()


def put(content: list[bytes]) -> None:
    Path(_file()).write_bytes(b"".join(line + b"\n" for line in content))


def wrong_line() -> int:
    """The line that the report complains of; 0 when it complains of none."""
    return next((found.seq for found in verify().breaks if found.chain == -1), 0)


@pytest.fixture
def signed(chains: None) -> None:
    for chain in (1, 2, 1):
        checkpoints.sign_heads()
        write(chain)
    checkpoints.sign_heads()
    assert len(lines()) == 4
    report = verify()
    assert (report.checkpoints, report.breaks) == (4, ())


def test_only_heads_that_moved_are_signed(chains: None) -> None:
    assert checkpoints.sign_heads() == 3
    assert checkpoints.sign_heads() == 0
    write(2)
    assert checkpoints.sign_heads() == 1
    assert [sorted(json.loads(line)["entry"]["heads"]) for line in lines()] == [["0", "1", "2"], ["2"]]


@pytest.mark.parametrize("place", range(4))
def test_a_changed_line_is_found(signed: None, place: int) -> None:
    original = lines()
    for evil in (
        original[place].replace(b'"2026', b'"2025', 1) if b'"2026' in original[place] else b"{}",
        original[place].replace(b'"at"', b'"at" ', 1)[:-2],
        original[place][: len(original[place]) // 2],
        b"",
        b"null",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"entry": {"heads": []}, "signature": ""}',
    ):
        put([*original[:place], evil, *original[place + 1 :]])
        assert wrong_line() == place + 1, evil[:60]


@pytest.mark.parametrize("place", range(3))
def test_a_line_that_was_taken_out_is_found(signed: None, place: int) -> None:
    original = lines()
    put([*original[:place], *original[place + 1 :]])
    assert wrong_line() == place + 1


def test_lines_in_another_order_are_found(signed: None) -> None:
    first, second, *rest = lines()
    put([second, first, *rest])
    assert wrong_line() == 1


def test_a_line_signed_with_another_key_is_found(signed: None, settings: Any) -> None:
    settings.AUDIT_SIGNING_SEED = "44" * 32
    assert wrong_line() == 1
    write(1)
    checkpoints.sign_heads()  # the usurper goes on with their own key
    settings.AUDIT_SIGNING_SEED = "33" * 32
    assert wrong_line() == 5


def test_heads_that_somebody_else_wrote_are_found_by_the_signature(signed: None) -> None:
    last = json.loads(lines()[-1])
    last["entry"]["heads"]["1"][1] = hashlib.sha256(b"another").hexdigest()
    put([*lines()[:-1], json.dumps(last, sort_keys=True, separators=(",", ":")).encode()])
    assert wrong_line() == 4


def test_a_line_cut_by_a_crash_is_told_and_does_not_stop_the_signing(signed: None) -> None:
    for number, length in enumerate((1, 40, len(lines()[-1]) - 1), start=5):
        with Path(_file()).open("ab") as file:
            file.write(lines()[-1][:length])
        assert wrong_line() == number
        write(2)
        assert checkpoints.sign_heads() == 1
        assert wrong_line() == 0
        assert len(lines()) == number
    assert verify().intact


def test_a_first_line_cut_by_a_crash_is_signed_again(chains: None) -> None:
    Path(_file()).write_bytes(b'{"entry": {"at"')
    assert wrong_line() == 1
    assert checkpoints.sign_heads() == 3
    assert verify().intact


def test_a_spoilt_line_does_not_stop_the_signing_and_stays_told(signed: None) -> None:
    original = lines()
    put([original[0], b"spoilt", *original[2:]])
    write(1)
    assert checkpoints.sign_heads() >= 1
    assert wrong_line() == 2


def test_what_is_signed_during_a_verification_is_no_break(
    chains: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker signs a new event in the instant when the checkpoints are read."""
    read = checkpoints.read

    def sign_and_read() -> Any:
        def work() -> None:
            write(1)
            checkpoints.sign_heads()

        with Crew(1) as crew:
            assert crew.together([work]) == [None]
        return read()

    monkeypatch.setattr(checkpoints, "read", sign_and_read)
    assert verify().breaks == ()


def test_workers_that_share_the_file_sign_each_head_once(chains: None) -> None:
    with Crew(8) as crew:
        assert sorted(crew.together([checkpoints.sign_heads] * 8)) == [0] * 7 + [3]
    assert verify().intact
