"""How the audit trail names what this room is about."""

from typing import Any

from django.utils.crypto import salted_hmac

from portefeuille.catalogue.selection import Selection, catalogue


def codes(selection: Selection) -> dict[str, Any]:
    """A selection: codes outlive the bits."""
    entries = catalogue()
    return {
        "services": entries.service_codes(selection.services),
        "notices": entries.notice_codes(selection.notices),
    }


def client_in_trail(*, siren: str, account_number: str) -> str:
    """A client that is not enrolled: an account number is half a proof, so it never stands there in clear."""
    if siren:
        return f"siren:{siren}"
    return f"account:{salted_hmac('portefeuille.audit.account', account_number).hexdigest()[:16]}"
