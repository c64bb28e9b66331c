"""Taking hold of a firm's live enrolments before a verb changes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from portefeuille.enrolments.policies import unreserved
from portefeuille.firms.access import Access
from portefeuille.registry.models import Regime
from portefeuille.registry.queries import Subject


@dataclass(frozen=True, slots=True)
class Live:
    """A locked enrolment."""

    id: int
    uid: UUID
    portfolio_id: int
    regime: str
    siren: str
    account_number: str
    services: int
    notices: int
    state: str

    @property
    def subject(self) -> Subject:
        return Subject(Regime(self.regime), self.siren, self.account_number)


def lock(access: Access, enrolments: Iterable[UUID], portfolios: Sequence[int]) -> list[Live]:
    """The live enrolments among ``enrolments`` that this member may see in ``portfolios``, locked by ascending id."""
    clause, values = unreserved(access)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, uid, portfolio_id, regime, siren, account_number, services, notices, state"
            " FROM enrolments_enrolment"
            f" WHERE firm_id = %s AND uid = ANY(%s) AND portfolio_id = ANY(%s) AND ended_at IS NULL AND {clause}"
            " ORDER BY id FOR NO KEY UPDATE",
            [access.firm_id, list(enrolments), list(portfolios), *values],
        )
        return [Live(*row) for row in cursor.fetchall()]
