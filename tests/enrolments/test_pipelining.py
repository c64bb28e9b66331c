"""The trail and the message of an enrolment are not waited for one by one: what fails in them still undoes all."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from portefeuille.audit.models import Event
from portefeuille.enrolments.models import Enrolment
from portefeuille.enrolments.pipelining import unanswered
from portefeuille.outbox.models import Message
from tests.cast import EMPLOYER, INDEPENDENT, Cast

REFUSE = """
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse()
"""


@pytest.mark.parametrize("table", ["audit_event", "outbox_message"])
def test_no_trace_or_no_message_no_enrolment(committed_cast: Cast, table: str) -> None:
    before = (Event.objects.count(), Message.objects.count())
    with connection.cursor() as cursor:
        for statement in REFUSE.format(table=table).split(";\n"):
            cursor.execute(statement)
    try:
        with pytest.raises(DatabaseError, match="no"):
            committed_cast.enrol(EMPLOYER)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER refuse ON {table}")
    assert not Enrolment.objects.exists()
    assert (Event.objects.count(), Message.objects.count()) == before
    committed_cast.enrol(EMPLOYER)  # the connection is as good as before
    assert Enrolment.objects.count() == 1


def test_inside_a_wider_transaction_only_the_act_is_undone(cast: Cast) -> None:
    cast.enrol(EMPLOYER)
    with pytest.raises(DatabaseError):
        _fail_in_the_middle()
    assert Enrolment.objects.get().name == EMPLOYER.name
    cast.enrol(INDEPENDENT)


def _fail_in_the_middle() -> None:
    with transaction.atomic(), unanswered(), connection.cursor() as cursor:
        cursor.execute("UPDATE enrolments_enrolment SET name = 'lost'")
        cursor.execute("SELECT 1 / 0")
        cursor.execute("UPDATE enrolments_enrolment SET name = 'lost too'")


def test_outside_a_transaction_nothing_is_left_unanswered(transactional_db: None) -> None:
    with pytest.raises(TransactionManagementError), unanswered():
        pass
