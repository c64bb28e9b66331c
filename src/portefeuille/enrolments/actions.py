"""The firm's verbs: change, terminate, undo. Enrolling is in ``enrolling``, the client's verbs in ``client_word``.

Each opens one transaction, writes the change, its audit event and the client's message in it, and returns a result of
``enrolments.results``. Locks are taken in one order everywhere: budgets, enrolments (which takes the tallies), chain.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import telling
from portefeuille.enrolments.enrolling import enrol as enrol
from portefeuille.enrolments.in_trail import codes
from portefeuille.enrolments.locking import Live, lock
from portefeuille.enrolments.models import EstablishmentChoice
from portefeuille.enrolments.policies import covered, replaced, unreserved
from portefeuille.enrolments.results import (
    Changed,
    ChangedMeanwhile,
    ChangeResult,
    Gone,
    NotRestored,
    Restored,
    Terminated,
)
from portefeuille.enrolments.telling import Act
from portefeuille.firms.access import Access
from portefeuille.registry import queries as registry
from portefeuille.registry import touched


def change(*, access: Access, enrolment: UUID, selection: Selection, seen: Selection, siret: str = "") -> ChangeResult:
    """Replace the services and notices of an enrolment, or of one of its establishments where ``siret`` is given.

    ``seen`` is what the member's page showed: if somebody changed it since, nothing is changed and the present
    selection is returned. An establishment that gets the enrolment's own selection loses its override. A right that
    was narrowed sees and replaces what it covers; the rest stays, whatever was sent.
    """
    with transaction.atomic():
        target = lock(access, [enrolment], access.managed_ids)
        if not target:
            return Gone()
        (live,) = target
        right = access.right_on(live.portfolio_id)
        if right is None:
            return Gone()
        before = Selection(live.services, live.notices)
        if siret:
            line = registry.line(live.subject)
            if line is None or siret not in line.sirets:
                return Gone()
            override = EstablishmentChoice.objects.filter(enrolment_id=live.id, siret=siret).first()
            present = Selection(override.services, override.notices) if override else before
        else:
            present = before
        selection = replaced(right, present=present, wished=selection)
        if present == selection:
            return Changed(nothing_new=True)
        if covered(right, present) != covered(right, seen):
            return ChangedMeanwhile(covered(right, present))
        if not siret:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE enrolments_enrolment SET services = %s, notices = %s WHERE id = %s",
                    [selection.services, selection.notices, live.id],
                )
        elif selection == before:
            EstablishmentChoice.objects.filter(enrolment_id=live.id, siret=siret).delete()
        else:
            EstablishmentChoice.objects.update_or_create(
                enrolment_id=live.id,
                siret=siret,
                defaults={"services": selection.services, "notices": selection.notices},
            )
        extra = {"siret": siret} if siret else {}
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.ENROLMENT_CHANGED,
            subject=f"enrolment:{live.uid}",
            before={**codes(present), **extra},
            after={**codes(selection), **extra},
        )
        _tell(Act.CHANGED, access, [live])
    return Changed()


def terminate(*, access: Access, enrolments: Sequence[UUID]) -> Terminated:
    """End enrolments at once (R7). Those that are not this member's to end, or have ended, are left out.

    One that waits for its client's yes is taken back, and one that its client contests ends as any other.
    """
    ending = uuid4()
    with transaction.atomic():
        ended = lock(access, enrolments, access.entire_ids)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE enrolments_enrolment SET state = 'terminated', ended_from = state,"
                " ended_at = clock_timestamp(), ended_by = 'firm', ending = %s WHERE id = ANY(%s)",
                [ending, [live.id for live in ended]],
            )
        trail.record_many(
            chain=access.firm_id,
            actor=access.actor,
            entries=[
                trail.Entry(
                    Verb.ENROLMENT_TERMINATED, f"enrolment:{live.uid}", {"state": live.state}, {"state": "terminated"}
                )
                for live in ended
            ],
        )
        _tell(Act.TERMINATED, access, ended)
    return Terminated(ending=ending, uids=tuple(live.uid for live in ended))


def undo_termination(*, access: Access, ending: UUID) -> Restored | NotRestored:
    """Bring back what one act of this firm ended, within ``UNDO_WINDOW`` (R7).

    What the client ended stays ended; a client added again meanwhile is left as it is, and the others come back. Each
    comes back in the state that it had: contested, or waiting for its client's yes as long as that was said.
    """
    for _ in range(_UNDO_TRIES):
        try:
            return _undo(access, ending)
        except IntegrityError:  # a client was added again in this instant: the next look sees it
            continue
    return NotRestored(too_late=False)


#: Each new try means that one more client was added again just then.
_UNDO_TRIES = 5


def _undo(access: Access, ending: UUID) -> Restored | NotRestored:
    clause, values = unreserved(access)
    mine = [access.firm_id, ending, access.entire_ids, *values]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RESTORE.format(unreserved=clause), [*mine, settings.UNDO_WINDOW.total_seconds()])
        restored = [Live(*row) for row in cursor.fetchall()]
        if not restored:
            cursor.execute(
                "SELECT bool_or(ended_at > clock_timestamp() - make_interval(secs => %s)) FROM enrolments_enrolment"
                f" WHERE firm_id = %s AND ending = %s AND portfolio_id = ANY(%s) AND {clause}",
                [settings.UNDO_WINDOW.total_seconds(), *mine],
            )
            (in_time,) = cursor.fetchone() or (None,)
            return NotRestored(too_late=in_time is False)
        cursor.execute(
            "SELECT count(*) FROM enrolments_enrolment WHERE firm_id = %s AND ending = %s AND portfolio_id = ANY(%s)"
            f" AND {clause} AND ended_at IS NOT NULL",
            mine,
        )
        (left,) = cursor.fetchone() or (0,)
        # What had ended followed no feed: the worker looks again at what the register says of these clients.
        touched.note(
            cursor,
            "SELECT DISTINCT siren, account_number FROM enrolments_enrolment WHERE id = ANY(%s)",
            [[live.id for live in restored]],
        )
        trail.record_many(
            chain=access.firm_id,
            actor=access.actor,
            entries=[
                trail.Entry(
                    Verb.ENROLMENT_RESTORED, f"enrolment:{live.uid}", {"state": "terminated"}, {"state": live.state}
                )
                for live in restored
            ],
        )
        _tell(Act.RESTORED, access, restored)
    return Restored(uids=tuple(live.uid for live in restored), left=left)


# Rows are locked in the order of their ids first, as everywhere.
_RESTORE = """
WITH ended AS MATERIALIZED (
    SELECT id FROM enrolments_enrolment
    WHERE firm_id = %s AND ending = %s AND portfolio_id = ANY(%s) AND {unreserved}
      AND state = 'terminated' AND ended_by = 'firm' AND ended_at > clock_timestamp() - make_interval(secs => %s)
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE enrolments_enrolment e
SET state = e.ended_from, ended_from = '', ended_at = NULL, ended_by = '', ending = NULL
FROM ended
WHERE e.id = ended.id AND e.ended_at IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM enrolments_enrolment other
      WHERE other.firm_id = e.firm_id AND other.ended_at IS NULL AND other.regime = e.regime
        AND other.siren = e.siren AND other.account_number = e.account_number
  )
RETURNING e.id, e.uid, e.portfolio_id, e.regime, e.siren, e.account_number, e.services, e.notices, e.state
"""


def _tell(act: Act, access: Access, enrolments: Sequence[Live]) -> None:
    telling.tell_clients(act, firm_name=access.firm_name, enrolments=[(live.uid, live.subject) for live in enrolments])
