"""What the public register of companies says: to be shown to anybody (R2)."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class PublicCompany:
    """What the public register of companies says of a Siren; the place is its head office's, or empty."""

    siren: str
    name: str
    postcode: str
    town: str


def public_company(siren: str) -> PublicCompany | None:
    """The company of a Siren with the place of its head office; None when the register does not know it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT company.siren, company.name, coalesce(office.postcode, ''), coalesce(office.town, '')
            FROM registry_company company
            LEFT JOIN LATERAL (
                SELECT postcode, town FROM registry_establishment WHERE siren = company.siren
                ORDER BY NOT is_head_office, closed_on IS NOT NULL, siret LIMIT 1
            ) office ON true
            WHERE company.siren = %s
            """,
            [siren],
        )
        row = cursor.fetchone()
    return PublicCompany(*row) if row else None
