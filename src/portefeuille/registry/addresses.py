"""The postal address that the register has of the holder of an account."""

from collections.abc import Iterable

from django.db import connection

_ADDRESSES = """
SELECT account.id, account.holder, coalesce(place.address, ''),
       coalesce(nullif(place.postcode, ''), account.postcode), coalesce(nullif(place.town, ''), account.town)
FROM registry_account account
LEFT JOIN registry_establishment place ON place.siret = account.siret AND account.siret <> ''
WHERE account.id = ANY(%s)
"""


def postal_addresses(account_ids: Iterable[int]) -> dict[int, list[str]]:
    """The lines of each address, as an envelope shows them; accounts without a postcode or a town are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESSES, [list(account_ids)])
        return {
            account: [line for line in (holder, street, f"{postcode} {town.upper()}") if line.strip()]
            for account, holder, street, postcode, town in cursor
            if postcode.strip() and town.strip()
        }
