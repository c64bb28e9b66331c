"""Reading the trail back and finding the first event that is not as it was written (R11)."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from portefeuille.audit import checkpoints


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain stops being true. ``seq`` is the first wrong place; ``reason`` is an English phrase."""

    chain: int
    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    chains: int
    events: int
    checkpoints: int
    breaks: tuple[Break, ...]

    @property
    def intact(self) -> bool:
        return not self.breaks


# Every event against its own digest, its predecessor and its number, in one pass of the table. The digest is written
# out here: whoever owns the database may also replace the function ``audit_digest``.
_BROKEN_LINKS = """
SELECT DISTINCT ON (chain) chain, seq,
       CASE WHEN seq <> before_seq + 1 THEN 'an event is missing or was inserted'
            WHEN previous <> before_digest THEN 'does not follow its predecessor'
            ELSE 'its content was changed' END
FROM (
    SELECT e.chain, e.seq, e.previous, e.digest,
           coalesce(lag(e.seq) OVER w, 0) AS before_seq,
           coalesce(lag(e.digest) OVER w, ''::bytea) AS before_digest,
           pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.jsonb_build_array(
               e.chain, e.seq, pg_catalog.to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
               e.actor, e.verb, e.subject, e.before, e.after, pg_catalog.encode(e.previous, 'hex')
           )::text, 'UTF8')) AS expected
    FROM audit_event e
    WINDOW w AS (PARTITION BY e.chain ORDER BY e.seq)
) links
WHERE seq <> before_seq + 1 OR previous <> before_digest OR digest <> expected
ORDER BY chain, seq
"""

# The head row says how long the chain is: it betrays a tail that was cut.
_BROKEN_HEADS = """
SELECT coalesce(h.chain, t.chain), least(coalesce(h.seq, 0), coalesce(t.seq, 0)) + 1
FROM audit_chain h
FULL JOIN (SELECT DISTINCT ON (chain) chain, seq, digest FROM audit_event ORDER BY chain, seq DESC) t USING (chain)
WHERE h.seq IS DISTINCT FROM t.seq OR h.digest IS DISTINCT FROM t.digest
"""


def verify() -> Report:
    """Check every chain against itself, its head, and the signed checkpoints kept outside the database.

    A rewriting with right digests, or a cut tail, is found by the checkpoints if it touches anything older than the
    last one (a minute at most while a worker runs).
    """
    # Read before the snapshot: what is signed while we look would otherwise be missing from it.
    witnessed = checkpoints.read()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT count(DISTINCT chain), count(*) FROM audit_event")
        chains, events = cursor.fetchone() or (0, 0)
        breaks = breaks_of(cursor, witnessed)
    return Report(chains=chains, events=events, checkpoints=witnessed[0], breaks=tuple(breaks))


def breaks_of(cursor: CursorWrapper, witnessed: tuple[int, list[tuple[int, int, str]], int]) -> list[Break]:
    """The breaks that a cursor sees, beside what ``checkpoints.read`` returned before its snapshot was taken."""
    _signed, heads, wrong_line = witnessed
    cursor.execute(_BROKEN_LINKS)
    breaks = [Break(*row) for row in cursor.fetchall()]
    cursor.execute(_BROKEN_HEADS)
    breaks += [Break(chain, seq, "the chain does not end where its head says") for chain, seq in cursor.fetchall()]
    if wrong_line:
        breaks.append(Break(-1, wrong_line, "this line of the checkpoints is not as it was signed"))
    cursor.execute(
        """
        SELECT c.chain, c.seq FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS c (chain, seq, digest)
        LEFT JOIN audit_event e ON e.chain = c.chain AND e.seq = c.seq
        WHERE e.digest IS DISTINCT FROM decode(c.digest, 'hex') ORDER BY 1, 2
        """,
        [[head[0] for head in heads], [head[1] for head in heads], [head[2] for head in heads]],
    )
    breaks += [Break(chain, seq, "differs from its signed checkpoint") for chain, seq in cursor.fetchall()]
    return breaks
