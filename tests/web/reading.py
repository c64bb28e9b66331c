"""How the tests of pages read them: what a person reads, what a form would send, and whether any row changed."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from django.db import connection
from django.http import HttpResponseBase

#: Changed by looking at a page, and no business of anybody's.
_NOT_BUSINESS = {"people_session", "django_migrations"}


def body(answer: Any) -> bytes:
    """The whole body, read to its end as a browser does: a file that is streamed is closed by that."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def html(answer: Any) -> str:
    """The page as the browser gets it."""
    return str(answer.content.decode())


def text(answer: Any) -> str:
    """The words of the page, blanks of every sort folded into one."""
    return re.sub(r"\s+", " ", soup(answer).get_text(" ")).strip()


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def anonymous(answer: Any, *typed: str) -> str:
    """The page without what differs each time (the key against forgery, the form's key) and without what was typed."""
    page = re.sub(r'(name="(?:csrfmiddlewaretoken|cle)" value=")[^"]*', r"\1", html(answer))
    page = unescape(page)
    for value in sorted(filter(None, typed), key=len, reverse=True):
        page = page.replace(value, "…")
    return page


def form_of(answer: Any, action: str | None = None) -> dict[str, list[str]]:
    """What the page's form would send as it stands: the one of ``action``, or the first in ``main`` that posts."""
    for form in soup(answer).select("main form"):
        if form.get("method", "get") == "post" and action in (None, form.get("action")):
            return _fields(form)
    raise AssertionError("no such form in the page")


def _fields(form: Tag) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for field in form.find_all(["input", "select", "textarea"]):
        name = str(field.get("name", ""))
        fieldset = field.find_parent("fieldset")
        if not name or field.has_attr("disabled") or (fieldset is not None and fieldset.has_attr("disabled")):
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            values = [str(chosen["value"])] if isinstance(chosen, Tag) else []
        elif field.get("type") in ("checkbox", "radio"):
            values = [str(field.get("value", "on"))] if field.has_attr("checked") else []
        else:
            values = [str(field.get("value", ""))]
        if values:
            sent.setdefault(name, []).extend(values)
    return sent


def rows() -> dict[str, str]:
    """A digest of every table's rows but the sessions': equal before and after means that nothing was written."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - _NOT_BUSINESS)
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
                for table in tables
            )
        )
        return dict(cursor.fetchall())


def goes_to_sign_in(answer: HttpResponseBase) -> bool:
    return answer.status_code == 302 and urlsplit(answer["Location"]).path == "/connexion/"
