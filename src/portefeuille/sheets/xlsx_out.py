"""XLSX: one sheet in which every cell is text, its header in bold and always in view.

The five parts of the format are written straight into the archive. A library would put the whole sheet in a file on
disk before the first byte could leave; names and identifiers of clients have no business there.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from xml.sax.saxutils import escape, quoteattr

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Rows of a sheet, its header included; characters of a cell. A longer text is cut.
MOST_ROWS = 1_048_576
LONGEST_CELL = 32_767

_ROWS_AT_ONCE = 200
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{CONTENT_TYPE}.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    # Style 1 is text, so that what is typed over a Siret stays as it was typed; style 2 is the header's.
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
        '<xf numFmtId="49" applyNumberFormat="1"/>'
        '<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}  # fmt: skip
# XML 1.0 has no place for these; Excel reads «_x0041_» in a text as «A».
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_OF_EXCEL = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def xlsx_file(rows: Iterable[Sequence[str]], *, title: str, widths: Sequence[int] = ()) -> Iterator[bytes]:
    """The file in pieces. The first row is the header; ``widths`` are in characters; ``title`` is the sheet's."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        book = (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f'<sheet name={quoteattr(title[:31])} sheetId="1" r:id="rId1"/></sheets></workbook>'
        )
        for name, part in (*_PARTS.items(), ("xl/workbook.xml", book)):
            archive.writestr(zipfile.ZipInfo(name), _XML + part, zipfile.ZIP_DEFLATED)
        entry = zipfile.ZipInfo("xl/worksheets/sheet1.xml")
        entry.compress_type = zipfile.ZIP_DEFLATED  # an entry that is opened does not take the archive's own
        with archive.open(entry, "w") as sheet:
            for piece in _sheet(islice(rows, MOST_ROWS), widths):
                sheet.write(piece.encode())
                yield sink.taken()
    yield sink.taken()


def _sheet(rows: Iterator[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    cols = "".join(
        f'<col min="{place}" max="{place}" width="{width}" style="1" customWidth="1"/>'
        for place, width in enumerate(widths, start=1)
    )
    yield (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"{f'<cols>{cols}</cols>' if cols else ''}<sheetData>"
    )
    header = [_row(row, style=2) for row in islice(rows, 1)]
    texts = chain(header, (_row(row, style=1) for row in rows))
    while piece := "".join(islice(texts, _ROWS_AT_ONCE)):
        yield piece
    yield "</sheetData></worksheet>"


def _row(cells: Sequence[str], style: int) -> str:
    # Without addresses: a reader counts rows and cells by itself, and an empty cell only needs its place.
    return f"<row>{''.join([_cell(cell, style) for cell in cells])}</row>"


@lru_cache(maxsize=1024)  # most cells say «oui», a town or the name of a regime
def _cell(text: str, style: int) -> str:
    if not text:
        return f'<c s="{style}"/>'
    text = escape(_ESCAPE_OF_EXCEL.sub("_x005F_", _NOT_XML.sub("", text[:LONGEST_CELL])))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


class _Sink:
    """What the archive is written to: it can only be written to its end, and gives what it holds."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def taken(self) -> bytes:
        held = b"".join(self._pieces)
        self._pieces.clear()
        return held
