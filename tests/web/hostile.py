"""What people paste, mistype or forge, and how a page must take it."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import signature
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpResponseBase
from django.urls import reverse

from portefeuille.sealing import seal
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS
from tests import canaries
from tests.cast import Cast
from tests.web.reading import html, soup

HOSTILE = {
    "nothing": "",
    "blanks": " \t\u00a0\u202f ",
    "one letter": "x",
    "letters": "abcdefghi",
    "wrong key": "732829321",
    "too short": "7328293",
    "too long": "7" * 40,
    "arabic digits": "٧٣٢٨٢٩٣٢٠",
    "full-width digits": "\uff17\uff13\uff12829320",
    "superscripts": "⁷³²",
    "direction marks": "\u202e732829321\u200f",
    "only marks": "\u200b\u200e\ufeff",
    "NUL": "732\x00829321",
    "control": "732\x1b[2J829321",
    "10 000 letters": "a" * 10_000,
    "10 000 digits": "9" * 10_000,
    "sql": "' OR 1=1; DROP TABLE people_user; --",
    "like": "%_\\%%",
    "html": "\"><script>alert(1)</script><b x='y'>&amp;",
    "template": "{{ 7*7 }}{% raw %}",
    "formula": "=cmd|'/C calc'!A0",
    "astral": "🧾\U0001f468\u200d\U0001f469",
    "combining": "e" + "\u0301" * 150,
    "percent": "%00%0d%0aSet-Cookie:a=b",
    "line feeds": "a\r\nSet-Cookie: b=c",
    "huge number": "1" + "0" * 90,
    "float words": "NaN",
    "replacement": "\ufffd",
}
AMOUNTS = {
    "minus": "-5",
    "exponent": "1e3",
    "infinity": "∞",
    "three decimals": "1,234",
    "two commas": "1,2,3",
    "plus": "+5,00",
    "hexadecimal": "0x10",
    "underscores": "1_000,00",
    "fraction": "½",
    "words": "mille euros",
    "too large": "99 999 999 999 999,00",
    "currency": "12,00 $",
}
#: Bytes that are no UTF-8, raw and as they stand in addresses and forms; a lone surrogate among them.
BROKEN = {"latin-1": "%E9t%E9", "alone": "%FF%FE", "surrogate": "%ED%A0%80", "overlong NUL": "%C0%80", "cut": "%E2%82"}


def every(values: Mapping[str, str] | Iterable[str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with each value as ``typed``, each time on the same rows; a failure names its value."""
    named = dict(values) if isinstance(values, Mapping) else {repr(value): value for value in values}

    def around(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def one_by_one(**fixtures: Any) -> None:
            for name, typed in named.items():
                try:
                    with transaction.atomic():
                        test(**fixtures, typed=typed)
                        canaries.nothing_in_database()
                        transaction.set_rollback(True)
                except BaseException as error:
                    error.add_note(f"typed: {name}")
                    raise

        asked = signature(test)
        one_by_one.__signature__ = asked.replace(  # type: ignore[attr-defined]
            parameters=[parameter for name, parameter in asked.parameters.items() if name != "typed"]
        )
        return one_by_one

    return around


def fine(answer: HttpResponseBase) -> HttpResponseBase:
    assert answer.status_code < 500
    return answer


def refused_at(answer: Any, name: str, typed: str) -> str:
    """The sentence beside the field ``name``, having checked that the page is right about it: one field marked wrong,
    its sentence tied to it, what was typed in it again, and in the source escaped."""
    assert answer.status_code == 200
    page = soup(answer)
    field = page.find("input", {"name": name})
    assert field is not None
    assert field.get("aria-invalid") == "true"
    sentence = page.find(id=f"{field['id']}-erreur")
    assert sentence is not None
    assert sentence["id"] in str(field["aria-describedby"]).split()
    said = sentence.get_text(" ").strip()
    assert said.endswith(".")
    assert said[0].isupper()
    for english in ("Enter", "This field", "Ensure", "valid value"):
        assert english not in said
    if typed.strip():
        # A browser drops NUL and normalises line ends; html.parser keeps both.
        assert field.get("value", "") in (typed, typed.strip())
    if "<" in typed:
        assert typed not in html(answer)
    return said


def firm_page(cast: Cast, name: str, **arguments: Any) -> str:
    return reverse(name, kwargs={"firm": cast.firm_a.uid, **arguments})


def enrol_page(cast: Cast, client: Any) -> str:
    if not client.siren:
        return firm_page(cast, "enrol_account", token=seal(ACCOUNT_IN_ADDRESS, client.account.encode()))
    return firm_page(cast, "enrol_siren", siren=client.siren, regime=client.regime)


def filled(cast: Cast, client: Any, **changes: str) -> dict[str, Any]:
    return {
        "cle": str(uuid4()),
        "fait": client.fact,
        "compte": client.account,
        "portefeuille": cast.employers.pk,
        "services": ["dpae"],
        **changes,
    }
