"""French spacing, which templates are written without: no line breaks before «:», «?» or inside quotation marks."""

import re
from collections.abc import Iterable, Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_NO_BREAK = "\u00a0"
#: An ordinary blank before what ends a clause (not within a word of markup), and inside quotation marks.
_BEFORE = re.compile(r" (?=[:;?!»](?:[\s<\"».,)]|$))")


def spaced(text: str) -> str:
    """``text`` with its blanks held where French holds them."""
    return _BEFORE.sub(_NO_BREAK, text.replace("« ", f"«{_NO_BREAK}"))


class FrenchSpacing(Extension):
    """Holds the blanks of a template's own text when it is compiled; what variables bring is left as it is."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        return self._held(stream)

    def _held(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            yield Token(token.lineno, "data", spaced(token.value)) if token.type == "data" else token
