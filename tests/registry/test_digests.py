"""Digests depend on every part of a fact, never show it, and are made with the key of their name."""

import hashlib
from datetime import date
from typing import Any

import pytest

from portefeuille.registry import digests
from portefeuille.registry.models import FactKind

KEYS = {"new": bytes(range(32)), "old": bytes(range(32, 64))}
FACT: dict[str, Any] = {
    "account_number": "117000001234567",
    "kind": FactKind.DECLARED_AMOUNT,
    "due_date": date(2026, 10, 15),
    "value": "1234.56",
}


@pytest.fixture(autouse=True)
def _two_keys(settings: Any) -> None:
    settings.FACT_KEYS = KEYS


@pytest.mark.parametrize(
    "other",
    [
        {"account_number": "117000001234568"},
        {"kind": FactKind.FIRST_INSTALMENT},
        {"due_date": date(2026, 9, 15)},
        {"due_date": None},
        {"value": "1234.57"},
        {"key_id": "old"},
        # The same characters, cut elsewhere.
        {"account_number": "11700000123456", "kind": "7montant_declaration"},
        {"account_number": "117000001234567m", "kind": "ontant_declaration"},
    ],
)
def test_every_part_counts(other: dict[str, Any]) -> None:
    assert digests.digest(**FACT) != digests.digest(**(FACT | other))


def test_the_current_key_is_the_first() -> None:
    assert digests.current_key_id() == "new"
    assert digests.digest(**FACT) == digests.digest(**FACT, key_id="new")
    assert len(digests.digest(**FACT)) == digests.LENGTH


def test_it_is_no_plain_hash_and_no_key_is_used_as_it_is() -> None:
    made = digests.digest(**FACT)
    assert made != hashlib.sha256(FACT["value"].encode()).digest()
    assert FACT["value"].encode() not in made
    assert digests._subkey(KEYS["new"], digests.FACT_PURPOSE) not in KEYS.values()
    assert digests._subkey(KEYS["new"], digests.FACT_PURPOSE) != digests._subkey(KEYS["new"], digests.NIR_PURPOSE)


def test_it_stays_the_same_from_one_version_to_the_next() -> None:
    """What is stored today must verify tomorrow: a change here needs a new version of the message."""
    assert digests.digest(**FACT).hex() == "58ee7287fe82c926f2b91ee9110f6f960d486437a70a43d5eca569fbe77d799c"


def test_bringing_in_a_new_key_gives_no_nir_a_fresh_budget(settings: Any) -> None:
    before = digests.nir_fingerprint("295109912611193")
    settings.FACT_KEYS = {"newest": bytes(32), **KEYS}
    assert digests.nir_fingerprint("295109912611193") == before
    assert digests.nir_fingerprint("295109912611290") != before


def test_a_key_that_is_not_there_is_told_without_any_secret(settings: Any) -> None:
    with pytest.raises(digests.UnknownKey, match="gone"):
        digests.digest(**FACT, key_id="gone")
    settings.FACT_KEYS = {}
    with pytest.raises(digests.UnknownKey):
        digests.digest(**FACT)
