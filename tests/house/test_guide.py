"""The guide for users: its pictures are there, light, and of the product as it speaks."""

import re
from pathlib import Path

import pytest

from tests.house.test_repository import ROOT, tracked

GUIDE = ROOT / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))
MOST_BYTES = 200 * 1024
#: What French puts before a colon or inside its quotation marks; the product and the guide need not agree on which.
_BLANKS = re.compile(r"[\s\u00a0\u202f]+|&nbsp;")


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", text)


def _spoken() -> str:
    """All that the program may say: its templates and its code."""
    files = (
        path for path in tracked() if path.is_relative_to(ROOT / "src") and path.suffix in (".html", ".py", ".txt")
    )
    return _plain("\n".join(path.read_text(encoding="utf-8") for path in files)).replace("\\u00a0", " ")


def _pictures(page: Path) -> list[Path]:
    return [(page.parent / named).resolve() for named in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text())]


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.stem)
def test_the_pictures_of_a_page_are_there_and_light(page: Path) -> None:
    shown = _pictures(page)
    assert [picture.name for picture in shown if picture not in tracked()] == []
    assert [picture.name for picture in shown if picture.stat().st_size > MOST_BYTES] == []


def test_every_picture_of_the_guide_is_shown() -> None:
    shown = {picture for page in PAGES for picture in _pictures(page)}
    assert sorted(picture.name for picture in (GUIDE / "images").iterdir() if picture.resolve() not in shown) == []


def test_every_page_of_the_guide_is_in_its_contents() -> None:
    contents = (GUIDE / "README.md").read_text()
    assert len(PAGES) > 10
    assert [page.name for page in PAGES if page.name != "README.md" and f"({page.name})" not in contents] == []


def _slug(heading: str) -> str:
    """The anchor that forges give to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_to_a_part_of_a_page_find_it(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([\w./-]*\.md)?#([^)]+)\)", page.read_text()):
        headings = re.findall(r"^#+ (.+)$", ((page.parent / target) if target else page).read_text(), re.MULTILINE)
        assert anchor in {_slug(heading) for heading in headings}, f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_words_in_quotation_marks_are_on_the_screen(page: Path) -> None:
    """Numbers may be others: «Ajouter 5 clients» is a button that counts."""
    spoken = _spoken()
    quoted = re.findall(r"«\s*(.+?)\s*»", _plain(page.read_text()))
    unknown = [words for words in quoted if words not in spoken and not re.search(r"\d+ clients?$", words)]
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_sentences_are_short(page: Path) -> None:
    """Under 20 words, as on the screens."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", page.read_text())
    paragraphs = [part for part in re.split(r"\n\s*\n|\n(?=[-|#])", text) if not part.strip().startswith(("|", "#"))]
    sentences = [
        sentence
        for part in paragraphs
        for sentence in re.split(r"(?<=[.?:;])\s", _plain(re.sub(r"«[^»]*»", "x", part)).strip(" -"))
    ]
    assert [sentence for sentence in sentences if len(sentence.split()) > 20] == []
