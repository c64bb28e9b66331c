"""A log line holds no NIR, no amount and no token of a link, whatever was logged."""

import logging
from uuid import UUID

import pytest

from portefeuille.config.logs import PrivateFormatter
from portefeuille.sealing import seal
from tests.cast import CANARY_AMOUNTS, CANARY_NIRS

TOKEN = "kQ7-_" + "x" * 38


def line(text: str) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (text,), None)
    return PrivateFormatter("%(message)s").format(record)


@pytest.mark.parametrize("path", ["/invitations/{}/", "/creer-votre-espace/{}/", "/contester/{}/"])
def test_a_link_leaves_no_token(path: str) -> None:
    assert line(path.format(TOKEN)) == f"Not Found: {path.format('***')}"
    assert line(path.format(seal("account-in-address", b"117000001234567890"))) == f"Not Found: {path.format('***')}"


def test_the_addresses_of_the_space_can_be_read() -> None:
    address = f"/cabinets/{UUID(int=7)}/equipe/{UUID(int=8)}/droits/"
    assert line(address) == f"Not Found: {address}"


@pytest.mark.parametrize("value", [*CANARY_NIRS, *CANARY_AMOUNTS])
def test_neither_do_facts_stay(value: str) -> None:
    assert value not in line(f"x {value} y")
