"""What may stand in an address of the back office: anything else is 404 before any query."""

from portefeuille.firms.admission import Decision
from portefeuille.web.backoffice.firms import SLUGS


class DecisionConverter:
    regex = "[a-z]+"

    def to_python(self, value: str) -> Decision:
        if value not in SLUGS:
            raise ValueError(value)
        return SLUGS[value]

    def to_url(self, value: Decision | str) -> str:
        return value if value in SLUGS else next(slug for slug, known in SLUGS.items() if known == value)
