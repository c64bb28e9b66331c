"""What the next page says about the act just done, with the way back where there is one.

Kept in the session by Django's messages; the address of the undo travels in the message's tags.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest

_UNDO = "undo|"


@dataclass(frozen=True, slots=True)
class Notice:
    text: str
    kind: str  # "done", "attention" or "danger"
    undo_url: str  # where to POST to undo; "" when there is no way back
    undo_label: str


def say_done(request: HttpRequest, text: str, *, undo_url: str = "", undo_label: str = "") -> None:
    """«Le compte est résilié.» on the next page, with a button that undoes it when ``undo_url`` is given."""
    tags = f"{_UNDO}{undo_url}|{undo_label}" if undo_url else ""
    messages.success(request, text, extra_tags=tags)


def say_attention(request: HttpRequest, text: str) -> None:
    """A sentence on the next page that the person must not miss; nothing went wrong."""
    messages.warning(request, text)


def say_refused(request: HttpRequest, text: str) -> None:
    """Why what was asked has not been done."""
    messages.error(request, text)


def notices(request: HttpRequest) -> Iterator[Notice]:
    """The notices of this page, each shown once. A page without any writes nothing to the session."""
    for message in messages.get_messages(request):
        tags = message.extra_tags or ""
        undo_url, _, undo_label = tags.removeprefix(_UNDO).partition("|") if tags.startswith(_UNDO) else ("", "", "")
        kind = {messages.WARNING: "attention", messages.ERROR: "danger"}.get(message.level, "done")
        yield Notice(str(message.message), kind, undo_url, undo_label)
