"""The frame of every page: its words, its headers, what it costs."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from jinja2 import UndefinedError

from portefeuille.outbox.models import Message
from portefeuille.web import jinja
from portefeuille.web.kept_emails.views import with_links
from tests.cast import Cast

PUBLIC = ["/", "/connexion/", "/creer-votre-espace/", "/conditions/", "/verifier-une-attestation/"]


def soup(content: bytes) -> BeautifulSoup:
    return BeautifulSoup(content, "html.parser")


@pytest.mark.parametrize("address", [*PUBLIC, "/nulle-part/"])
def test_one_heading_with_which_the_title_starts(db: None, address: str) -> None:
    page = soup(Client().get(address).content)
    [heading] = page.find_all("h1")
    assert page.title
    assert page.title.text.startswith(heading.text)
    assert page.html
    assert page.html["lang"] == "fr"


@pytest.mark.parametrize("address", PUBLIC)
def test_headers_of_every_page(db: None, address: str) -> None:
    headers = Client().get(address).headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", PUBLIC)
def test_nothing_stands_inline(db: None, address: str) -> None:
    page = soup(Client().get(address).content)
    assert not page.find_all(style=True)
    assert not page.find_all("style")
    assert all(script.get("src") and not script.text for script in page.find_all("script"))
    assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]


def test_the_home_page_opens_three_doors() -> None:
    page = soup(Client().get("/").content)
    assert page.find(role="button", string="Se connecter")["href"] == "/connexion/"  # type: ignore[index]
    assert page.find("a", href="/creer-votre-espace/")
    assert page.find("a", href="/verifier-une-attestation/")


def test_the_sign_in_page_has_the_words_of_the_guide(db: None) -> None:
    page = soup(Client().get("/connexion/").content)
    assert [label.text for label in page.find_all("label")] == ["Identifiant", "Mot de passe"]
    assert [button.text for button in page.find_all("button", hidden=False)] == ["Se connecter"]
    assert page.find(id="id_password")["autocomplete"] == "current-password"  # type: ignore[index]


class TestFirmFrame:
    @pytest.fixture
    def page(self, cast: Cast, browse: Any) -> BeautifulSoup:
        return soup(browse("alice").get(f"/cabinets/{cast.firm_a.uid}/clients/").content)

    def test_one_way_to_add_and_one_search(self, page: BeautifulSoup) -> None:
        adding = [tag for tag in page.find_all("a") if tag.text.strip() == "+ Ajouter un compte"]
        assert len(adding) == 1
        assert adding[0]["role"] == "button"
        frame = page.find("header")
        assert frame
        assert "Rechercher" not in str(frame)
        [search] = frame.find_all(role="search")
        assert search.find("label").text == "Trouver un client"
        assert search.find("button").text.strip() == "Trouver"
        assert search["method"] == "get"

    def test_where_one_is_and_who(self, page: BeautifulSoup) -> None:
        frame = page.find("header")
        assert frame
        assert [link.text for link in frame.find_all(attrs={"aria-current": "page"})] == ["Clients"]
        assert "Cabinet Alder" in frame.text
        assert "Alice Alder" in frame.text
        leaving = frame.find("form", action="/deconnexion/")
        assert leaving
        assert leaving["method"] == "post"

    def test_the_first_link_skips_the_frame(self, page: BeautifulSoup) -> None:
        first = page.find("a")
        assert first
        assert page.find(id=str(first["href"])[1:])


def test_without_a_firm_the_space_explains(cast: Cast, browse: Any) -> None:
    answer = browse("zoe").get("/mon-espace/")
    assert "membre d'aucun cabinet" in answer.content.decode().replace("&#39;", "'")


def test_the_choice_of_a_firm_names_only_mine(cast: Cast, browse: Any) -> None:
    content = browse("alice").get("/mon-espace/?choisir=1").content.decode()
    assert "Cabinet Alder" in content
    assert "Bureau Bouleau" not in content


class TestKeptEmails:
    @pytest.fixture
    def email(self, db: None) -> Message:
        body = "Lire http://localhost:8000/contester/abc. Pas <b>http://localhost:8000.evil.example/x</b>"
        return Message.objects.create(
            channel="email", recipient="a@b.example", subject="Objet", body=body, due_at=timezone.now()
        )

    def test_only_a_demonstration_has_them(self, email: Message, settings: Any) -> None:
        for demo, status in ((False, 404), (True, 200)):
            settings.DEMO = demo
            assert Client().get("/courriels/").status_code == status
            assert Client().get(f"/courriels/{email.uid}/").status_code == status

    def test_only_our_own_addresses_are_links(self, email: Message) -> None:
        shown = str(with_links(email.body))
        links = re.findall('href="([^"]+)"', shown)
        assert links == ["http://localhost:8000/contester/abc"]
        assert "<b>" not in shown

    def test_newest_first_fifty_a_page(self, email: Message, settings: Any, django_assert_num_queries: Any) -> None:
        settings.DEMO = True
        Message.objects.bulk_create(
            Message(channel="email", recipient="a@b.example", subject=f"n{n}", body="", due_at=timezone.now())
            for n in range(60)
        )
        with django_assert_num_queries(1):
            first = soup(Client().get("/courriels/").content)
        rows = [link.text for link in first.find_all("a", href=re.compile("/courriels/.+"))]
        assert len(rows) == 50
        assert rows[0] == "n59"
        second = soup(Client().get("/courriels/?page=2").content)
        assert [link.text for link in second.find_all("a", href=re.compile("/courriels/.+"))][-1] == "Objet"
        for nonsense in ("0", "-1", "x", "٣", "9" * 40):
            assert Client().get("/courriels/", {"page": nonsense}).status_code == 200


class TestWords:
    def test_days(self) -> None:
        assert jinja.jour(date(2026, 10, 15)) == "15 octobre 2026"
        assert jinja.jour(date(2026, 1, 1)) == "1er janvier 2026"
        assert jinja.jour(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == "1er janvier 2027"

    def test_moments_are_those_of_paris(self) -> None:
        assert jinja.moment(datetime(2026, 7, 1, 22, 5, tzinfo=UTC)) == "2 juillet 2026 à 0\u00a0h\u00a005"

    def test_numbers(self) -> None:
        assert jinja.nombre(4812) == "4\u202f812"
        assert [jinja.pluriel(n, "compte") for n in (0, 1, 2)] == ["0 compte", "1 compte", "2 comptes"]
        assert jinja.pluriel(3, "avis à lire", "avis à lire") == "3 avis à lire"

    def test_an_undefined_word_is_an_exception(self) -> None:
        env = jinja.environment()
        with pytest.raises(UndefinedError):
            env.from_string("{{ nothing }}").render()

    def test_text_is_escaped(self) -> None:
        assert jinja.environment().from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"

    def test_icons_are_drawn_without_inline_style(self) -> None:
        drawn = (
            jinja.environment()
            .from_string("{{ icon('plus') }}{{ icon_defs('x-mark') }}{{ icon_use('x-mark') }}")
            .render()
        )
        assert "&lt;" not in drawn
        assert "style=" not in drawn
        assert 'id="i-x-mark"' in drawn
        assert drawn.count('aria-hidden="true"') == 4
