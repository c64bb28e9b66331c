"""Every template compiles, is used, and names only what exists; the words of the pages are French ones."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.template import engines
from django.urls import get_resolver
from heroicons import IconDoesNotExist
from jinja2 import Environment, nodes

from portefeuille.web.icons import icon

SOURCE = Path(__file__).resolve().parents[2] / "src" / "portefeuille"
FOLDERS = sorted(SOURCE.glob("*/templates"))
TEMPLATES = sorted(str(path.relative_to(folder)) for folder in FOLDERS for path in folder.rglob("*.*"))


@cache
def environment() -> Environment:
    return engines["jinja2"].env  # type: ignore[attr-defined,no-any-return]


def source_of(name: str) -> str:
    return next((folder / name).read_text() for folder in FOLDERS if (folder / name).exists())


@cache
def tree_of(name: str) -> nodes.Template:
    return environment().parse(source_of(name), name)


def calls(name: str, function: str) -> list[nodes.Call]:
    return [
        call
        for call in tree_of(name).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == function
    ]


def constants(expression: nodes.Node) -> list[str]:
    """Every text in an expression: «icon({"a": "x", "b": "y"}[kind])» may draw any of them."""
    found = [expression, *expression.find_all(nodes.Const)]
    keys = {id(pair.key) for pair in expression.find_all(nodes.Pair)}
    return [c.value for c in found if isinstance(c, nodes.Const) and isinstance(c.value, str) and id(c) not in keys]


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name: str) -> None:
    environment().get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_addresses_it_names_exist(name: str) -> None:
    known = set(get_resolver().reverse_dict)
    named = [call.args[0] for call in calls(name, "url")]
    assert all(isinstance(arg, nodes.Const) for arg in named), "an address is named by a constant"
    assert {arg.value for arg in named if isinstance(arg, nodes.Const)} <= known


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_icons_it_names_exist(name: str) -> None:
    for function in ("icon", "icon_use", "icon_defs"):
        for call in calls(name, function):
            for argument in call.args:
                for text in constants(argument):
                    icon(text)


def test_an_icon_that_does_not_exist_would_be_seen() -> None:
    with pytest.raises(IconDoesNotExist):
        icon("no-such-icon")


@pytest.mark.parametrize("name", TEMPLATES)
def test_icons_drawn_by_reference_are_in_the_page_s_sprite(name: str) -> None:
    defined = {text for call in calls(name, "icon_defs") for argument in call.args for text in constants(argument)}
    used = {text for call in calls(name, "icon_use") for argument in call.args for text in constants(argument)}
    assert used <= defined


def test_every_template_is_used() -> None:
    program = "\n".join(path.read_text() for path in SOURCE.rglob("*.py"))
    pages = {name: source_of(name) for name in TEMPLATES}
    unused = []
    for name in TEMPLATES:
        elsewhere = program + "".join(text for other, text in pages.items() if other != name)
        # Two are named otherwise: allauth's pages by allauth, a message by the value of its act.
        if name.startswith("account/") and name.split("/")[1] in ("login.html", "logout.html"):
            continue
        stem = Path(name).stem
        if f'"{name}"' in elsewhere or (name.startswith("messages/") and f'"{stem}"' in program):
            continue
        unused.append(name)
    assert unused == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_has_no_way_around_the_engine(name: str) -> None:
    text = source_of(name)
    assert not re.search(r"\{%-?\s*(raw|autoescape)\b", text)
    # A message is plain text, where «&amp;» would be read as such; a page never trusts a value.
    allowed = {"messages"}
    assert "|safe" not in text or name.split("/")[0] in allowed
    assert "style=" not in text
    assert not re.search(r"\son[a-z]+=", text)


def words_of(name: str) -> str:
    """The text of a template as a person reads it, with the texts of its expressions."""
    tree = tree_of(name)
    data = "".join(piece.data for piece in tree.find_all(nodes.TemplateData))
    shown = re.sub(r"<(?:script|style).*?</(?:script|style)>|<!--.*?-->", " ", data, flags=re.S)
    labels = re.findall(r'(?:aria-label|title|placeholder)="([^"]*)"', shown)
    # Attributes of a tag that an expression cuts in two stand alone.
    bare = re.sub(r"<[^>]*>?|[\w-]+=(?:\"[^\"]*\"?|'[^']*'?)", " ", shown)
    return " ".join([bare, *labels])


ENGLISH = re.compile(
    r"\b(the|and|with|your|you|please|sorry|error|failed|invalid|submit|cancel|delete|save|search|sign in|log ?in|"
    r"log ?out|password|click|here|back|next|previous|not found|loading|yes|home)\b",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(r"erreur inattendue|une erreur est survenue|oups|désolé|malheureusement|merci de|cliquez", re.I)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_speaks_french(name: str) -> None:
    said = words_of(name)
    assert ENGLISH.findall(said) == []
    assert FORBIDDEN.findall(said) == []
    assert "!" not in said.replace("!doctype", "")


def test_english_would_be_seen() -> None:
    assert ENGLISH.search("Please try again")
    assert FORBIDDEN.search("Une erreur inattendue s'est produite")


def test_veuillez_stands_only_in_the_sentence_of_the_guide() -> None:
    texts = {name: source_of(name) for name in TEMPLATES}
    texts |= {str(path): path.read_text() for path in SOURCE.rglob("*.py")}
    texts |= {str(path): path.read_text() for path in SOURCE.rglob("*.js")}
    for name, text in texts.items():
        for place in re.finditer("veuillez", text, re.IGNORECASE):
            assert text[place.start() :].startswith("Veuillez confirmer la suppression immédiate"), name


def test_the_sentences_of_the_program_are_french_too() -> None:
    """What forms and notices say, written in Python."""
    for path in (SOURCE / "web").rglob("*.py"):
        for sentence in re.findall(r'(?:ValidationError|say_\w+|add_error)\([^"]*"([^"]{12,})"', path.read_text()):
            assert not ENGLISH.search(sentence), f"{path.name}: {sentence}"
            assert not FORBIDDEN.search(sentence), f"{path.name}: {sentence}"
            assert "!" not in sentence
