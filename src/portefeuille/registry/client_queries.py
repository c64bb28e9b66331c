"""What the register knows of one client as a whole: all that is under a Siren, or an account without one."""

from typing import NamedTuple

from django.db import connection

from portefeuille.registry.models import Account, AccountState, Regime
from portefeuille.registry.queries import company_name


def contact_of_client(*, siren: str, account_number: str) -> tuple[str, int | None]:
    """The address of record for all that is under a Siren (the company's, else an account's, else ""), or for an
    account without Siren; and the account to send a letter to, None where the register knows nothing. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id, coalesce(nullif(c.email, ''), a.email) FROM registry_account a
            LEFT JOIN registry_company c ON c.siren = a.siren
            WHERE a.siren = %s AND (%s <> '' OR a.number = %s)
            ORDER BY coalesce(nullif(c.email, ''), a.email) = '', length(a.number), a.number LIMIT 1
            """,
            [siren, siren, account_number],
        )
        account_id, email = cursor.fetchone() or (None, "")
    return email, account_id


class HeldAccount(NamedTuple):
    """An account as its own client reads it."""

    regime: str
    shown_number: str
    siret: str
    postcode: str
    town: str
    state: AccountState


def accounts_of_client(*, siren: str, account_number: str) -> list[HeldAccount]:
    """The accounts under a Siren, or the one without: by regime, then by number."""
    held = Account.objects.filter(siren=siren) if siren else Account.objects.filter(siren="", number=account_number)
    found = [
        HeldAccount(*row[:5], AccountState(row[5]))
        for row in held.order_by("pk").values_list("regime", "shown_number", "siret", "postcode", "town", "state")
    ]
    return sorted(found, key=lambda account: (list(Regime).index(Regime(account.regime)), account.shown_number))


def name_of_client(*, siren: str, account_number: str) -> str:
    """The name of the company, or of the holder of an account; "" where the register knows nothing."""
    name = company_name(siren) if siren else ""
    held = Account.objects.filter(siren=siren) if siren else Account.objects.filter(siren="", number=account_number)
    return name or held.order_by("pk").values_list("holder", flat=True).first() or ""
