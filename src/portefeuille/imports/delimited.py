"""CSV as people have it: any separator, any encoding, any line ends. Pure."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from portefeuille.imports.grids import Grid, Refused, Why

_SEPARATORS = ";\t,|"
#: How much each sign speaks for the encoding that gives it: no French text does without «é».
_FRENCH = dict.fromkeys("ÉÈÊËÀÂÄÙÛÜÎÏÔÖÇŒÆ«»°’€\u00a0", 1) | dict.fromkeys("èêëàâäùûüîïôöçœæ", 2) | {"é": 3}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Windows, old Macs, the DOS of old pay software, and UTF-8 with a byte spoilt or cut.
_GUESSED = ("cp1252", "mac_roman", "cp850", "utf-8")
_SAMPLE = 64 * 1024
#: A quote that is never closed swallows what follows it: no honest cell has so many lines.
_LINES_IN_A_CELL = 30

#: The limit is the process's own, not the reader's: never under Python's default, which others may count on.
_LEAST_LIMIT = 131_072


def read(content: bytes) -> Grid:
    """The rows of a text file. Refuses what is no text."""
    text, encoding = decoded(content)
    text = text.lstrip("\ufeff")
    declared = re.match(r'"?sep=([^"\r\n])"?\r?\n|"?sep=([^"\r\n])"?\r', text, re.IGNORECASE)
    if declared:  # a line that spreadsheets do not show
        separator = declared[1] or declared[2]
        text = text[declared.end() :]
    elif _is_printed(text[:_SAMPLE]):
        separator, text = "\t", _GAP.sub("\t", text)
    else:
        separator = _separator(text[:_SAMPLE])
    return Grid("csv", _rows(text, separator), encoding=encoding, separator=separator)


def decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    head = content[:4096]
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if max(odd, even) > len(head) * 0.3 and min(odd, even) < len(head) * 0.05:
        encoding = "utf-16-le" if odd > even else "utf-16-be"
        return content.decode(encoding, "replace"), encoding
    _refuse_binary(head)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    return max(
        ((content.decode(encoding, "replace"), encoding) for encoding in _GUESSED),
        key=lambda candidate: _frenchness(candidate[0]),
    )


def _refuse_binary(head: bytes) -> None:
    strange = sum(byte < 9 or 13 < byte < 32 for byte in head)
    if strange > len(head) * 0.1:
        raise Refused(Why.NO_SPREADSHEET)


def _frenchness(text: str) -> int:
    signs = Counter(character for character in text[: _SAMPLE * 4] if not character.isascii())
    return sum(number * _FRENCH.get(sign, -1) for sign, number in signs.items())


#: Two blanks or more between two columns; beside a comma they only make a file prettier.
_GAP = re.compile(r"(?<=[^\s,]) {2,}(?=[^\s,])")


def _is_printed(sample: str) -> bool:
    """Whether blanks alone keep the columns apart, as in what Excel calls «Texte (séparateur : espace)»."""
    lines = [row.strip() for row in re.split(r"\r\n|\r|\n", sample)[:200] if row.strip()]
    if len(lines) < 2 or any(sign in line for line in lines for sign in ";\t|"):
        return False
    widths = Counter(len(_GAP.split(line)) for line in lines)
    width, number = max(widths.items(), key=lambda item: item[1])  # most_common would open a module: nothing may
    return width >= 3 and number >= 0.8 * len(lines)


def _separator(sample: str) -> str:
    """The sign that cuts most lines into the same number of cells; «;» when none does."""
    best, best_score = ";", 0.0
    lines = [row for row in re.split(r"\r\n|\r|\n", sample)[:200] if row.strip()]
    for candidate in _SEPARATORS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=candidate) if row]
        except csv.Error:
            widths = [line.count(candidate) + 1 for line in lines]
        cut = Counter(width for width in widths if width > 1)
        if not cut:
            continue
        width, number = max(cut.items(), key=lambda item: (item[1], item[0]))
        score = number / len(widths) * min(width, 12) ** 0.25
        if score > best_score + 1e-9:
            best, best_score = candidate, score
    return best


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number that a spreadsheet shows beside it: a cell of several lines is of one row."""
    plain = text.count('"') % 2 == 1 or _swallows(text, separator)  # a quote is a sign like another
    csv.field_size_limit(max(len(text) + 1, _LEAST_LIMIT))
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, quoting=csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL
    )
    for line, row in enumerate(reader, 1):
        if plain:
            row = [cell.strip().strip('"') for cell in row]
        yield line, row


def _swallows(text: str, separator: str) -> bool:
    if '"' not in text:
        return False
    csv.field_size_limit(max(len(text) + 1, _LEAST_LIMIT))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    last = 0
    try:
        for _ in reader:
            if reader.line_num - last > _LINES_IN_A_CELL:
                return True
            last = reader.line_num
    except csv.Error:
        return True
    return False
