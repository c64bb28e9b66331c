"""The form macros: labels, helps and errors always belong to their fields."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from django import forms
from django.template import engines


class Example(forms.Form):
    amount = forms.CharField(label="Montant", help_text="En euros.")
    secret = forms.CharField(label="Secret", widget=forms.PasswordInput)
    kind = forms.ChoiceField(label="Genre", choices=[("a", "Ah"), ("b", "Bé")])
    sure = forms.BooleanField(label="Sûr", required=False)

    def clean_amount(self) -> str:
        raise forms.ValidationError("Le montant a deux décimales : corrigez-le.")


def render(body: str, **context: Any) -> BeautifulSoup:
    template = engines["jinja2"].from_string(  # type: ignore[attr-defined]
        '{% import "macros/forms.html" as f %}{% import "macros/lists.html" as l %}' + body
    )
    return BeautifulSoup(template.render(context), "html.parser")


def one(page: BeautifulSoup, selector: str) -> Tag:
    [found] = page.select(selector)
    return found


FILLED = {"amount": '1 "2"', "secret": "hush", "kind": "b", "sure": "on"}


@pytest.mark.parametrize("data", [None, FILLED])
def test_every_description_exists(data: dict[str, str] | None) -> None:
    page = render(
        "{{ f.errors(form) }}{{ f.field(form.amount) }}{{ f.field(form.secret, type='password', help='Chut.') }}"
        "{{ f.select(form.kind) }}{{ f.checkbox(form.sure) }}{{ f.radios(form.kind) }}",
        form=Example(data),
    )
    ids = {str(tag["id"]) for tag in page.select("[id]")}
    for tag in page.select("[aria-describedby]"):
        assert set(str(tag["aria-describedby"]).split()) <= ids
    for label in page.select("label[for]"):
        assert label["for"] in ids


def test_a_field_shows_what_was_typed_and_what_to_do() -> None:
    page = render(
        "{{ f.field(form.amount, width='w-amount', inputmode='decimal', suffix='€') }}", form=Example(FILLED)
    )
    field = one(page, "input")
    assert field["value"] == '1 "2"'
    assert field["aria-invalid"] == "true"
    assert field["inputmode"] == "decimal"
    assert one(page, ".error").text.strip() == "Le montant a deux décimales : corrigez-le."


def test_a_password_never_comes_back() -> None:
    assert "hush" not in str(render("{{ f.field(form.secret, type='password') }}", form=Example(FILLED)))


def test_the_summary_links_to_the_fields_and_takes_the_focus() -> None:
    page = render("{{ f.errors(form) }}{{ f.field(form.amount) }}", form=Example(FILLED))
    summary = one(page, "#erreurs")
    assert summary["tabindex"] == "-1"
    assert summary.has_attr("autofocus")
    assert one(page, "#erreurs a")["href"] == f"#{one(page, 'input')['id']}"


def test_no_summary_without_an_error() -> None:
    assert not render("{{ f.errors(form) }}", form=Example()).text.strip()


def test_choices_keep_what_was_chosen() -> None:
    page = render(
        "{{ f.select(form.kind) }}{{ f.radios(form.kind) }}{{ f.checkbox(form.sure) }}", form=Example(FILLED)
    )
    assert one(page, "option[selected]")["value"] == "b"
    assert one(page, "[type=radio][checked]")["value"] == "b"
    assert one(page, "[type=checkbox]").has_attr("checked")


def test_boxes_nest_and_all_is_never_sent_ticked() -> None:
    def box(value: str, *children: Any, checked: bool = True) -> dict[str, Any]:
        return {"value": value, "label": f"Service {value}", "checked": checked, "children": list(children)}

    page = render(
        "{{ f.boxes('Services en ligne', 's', choices, all_name='tous') }}",
        choices=[box("", box("1"), box("2", checked=False)), box("3")],
    )
    assert one(page, "legend").text == "Services en ligne"
    assert not one(page, "[data-all]").has_attr("checked")
    assert one(page, "[data-all]")["name"] == "tous"
    assert [tag["value"] for tag in page.select("[name=s]")] == ["1", "2", "3"]
    assert [tag["value"] for tag in page.select("[name=s][checked]")] == ["1", "3"]
    assert len(page.select("[data-group] > ul input")) == 2


def test_pages_of_a_list() -> None:
    page = render("{{ l.pagination(51, 100, 4812, previous='?page=1') }}")
    assert one(page, ".count").text == "51 à 100 sur 4\u202f812"
    assert [link.get("href") for link in page.select("a")] == ["?page=1", None]
