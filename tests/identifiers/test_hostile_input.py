"""Whatever is typed or pasted, a parser returns a canonical value or says in French what to do; nothing else."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portefeuille.identifiers import account_number, amount, designation, nir, siren, siret
from portefeuille.identifiers.cleaning import OTHER_DIGITS, Malformed

PARSERS: dict[str, Callable[[str], object]] = {
    "siren": siren.parse,
    "siret": siret.parse,
    "nir": nir.parse,
    "account number": account_number.parse,
    "amount": amount.parse,
    "designation": designation.parse,
}

HOSTILE = {
    "nothing": "",
    "blanks": " \t\u00a0\u202f\r\n",
    "only invisible marks": "\u200e\u200f\u200b\ufeff",
    "letters": "bonjour",
    "one digit and a letter": "7a",
    "Arabic digits": "٧٣٢٨٢٩٣٢٠",
    "superscript digits": "⁷³²⁸²⁹³²⁰",
    "full-width digits": "７３２８２９３２０",
    "a fraction": "½",
    "NUL inside": "73282\x009320",
    "NUL alone": "\x00",
    "a control character": "732829320\x07",
    "a lone surrogate": "732829320\ud800",
    "private use": "732829320\ue000",
    "10 000 digits": "1" * 10_000,
    "10 000 blanks": " " * 10_000,
    "SQL": "' OR 1=1; DROP TABLE registry_account; --",
    "HTML": "<script>alert(1)</script>",
    "a formula": '=HYPERLINK("http://x")',
    "a path": "../../etc/passwd",
    "an emoji": "😀",
    "signs": "-.-.-",
}


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS.keys())
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_it_is_refused_with_a_sentence_that_does_not_repeat_it(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(text)
    sentence = str(refusal.value)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert len(sentence.split()) <= 24
    assert len(text.strip()) < 3 or text not in sentence


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS.keys())
@given(text=st.text(max_size=120) | st.text(alphabet="0123456789 .,-€\u202f\u200fABab\x00٣", max_size=30))
def test_any_text_is_parsed_or_refused(parse: Callable[[str], object], text: str) -> None:
    try:
        found = parse(text)
    except Malformed:
        return
    if isinstance(found, designation.Designation):
        found = found.value
    if isinstance(found, Decimal):
        assert found.is_finite()
        assert found >= 0
        assert found == found.quantize(Decimal("0.01"))
    else:
        assert isinstance(found, str)
        assert found.isascii()
        assert found.isalnum()
        assert parse(found) is not None


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS.keys())
@pytest.mark.parametrize("text", ["٧٣٢٨٢٩٣٢٠", "⁷³²⁸²⁹³²⁰", "７３２８２９３２０", "½"])
def test_digits_of_another_script_are_told_as_such(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(text)
    assert str(refusal.value) == OTHER_DIGITS
