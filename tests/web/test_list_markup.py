"""The rows of the list are escaped before the template, which puts them down as they are: nothing may slip through."""

from typing import Any

import pytest

from portefeuille.enrolments.folding import fold
from portefeuille.enrolments.models import Enrolment
from portefeuille.firms.models import Portfolio
from tests.cast import EMPLOYER, Cast

NASTY = "<img src=x onerror=alert(1)> \"'&"


@pytest.mark.parametrize("query", ["", "?q=img", "?q=onerror+alert"])
@pytest.mark.parametrize("fragment", [False, True])
def test_markup_in_names_and_places_stays_text(cast: Cast, browse: Any, query: str, fragment: bool) -> None:
    uid = cast.enrol(EMPLOYER).uid
    Portfolio.objects.filter(pk=cast.employers.pk).update(name=NASTY)
    Enrolment.objects.filter(uid=uid).update(
        name=NASTY, name_key=fold(NASTY), search=fold(NASTY), town=NASTY, postcode="<b>", siret="<i>A1234567890"
    )
    headers = {"HX-Request": "true"} if fragment else {}
    page = browse("alice").get(f"/cabinets/{cast.firm_a.uid}/clients/{query}", headers=headers).content.decode()
    assert str(uid) in page
    for tag in ("<img", "<b>", "<i>"):
        assert tag not in page
    assert "onerror=alert(1)&gt; &#34;&#39;&amp;" in page.replace("<mark>", "").replace("</mark>", "")
