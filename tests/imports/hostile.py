"""Files made to harm or to confuse, by the hundred: each with what the reading may answer.

``every()`` gives (name, bytes, allowed): ``allowed`` is a set of ``Why`` and of "read". Nothing is downloaded.
"""

import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from portefeuille.imports.grids import Why
from tests.imports.files import cell, csv_text, ods, ods_content, ods_parts, packed, sheet, xlsx, xlsx_parts

READ = "read"
Case = tuple[str, bytes, set[str]]

HEAD = ["Siren", "Numéro de compte", "Montant"]
ROW = ["732829320", "117000001234567890", "48 317,28"]
TABLE = [HEAD, ROW]
NO = set(Why)
ANY = NO | {READ}


def every() -> Iterator[Case]:
    yield from _kinds()
    yield from _texts()
    yield from _archives()
    yield from _workbooks()
    yield from _open_documents()
    yield from _cut()
    yield from _spoilt()


def _kinds() -> Iterator[Case]:
    """What is no spreadsheet at all."""
    for name, content, why in (
        ("nothing", b"", Why.EMPTY),
        ("blanks", b" \r\n\t  \n", Why.EMPTY),
        ("NULs", b"\0" * 1000, Why.EMPTY),
        ("a mark alone", b"\xef\xbb\xbf", Why.EMPTY),
        ("old Excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, Why.OLD_EXCEL),
        ("locked Excel", b"\xd0\xcf\x11\xe0" + b"\0" * 900 + "EncryptedPackage".encode("utf-16-le"), Why.LOCKED),
        ("PDF", b"%PDF-1.7\n" + b"x" * 500, Why.NO_SPREADSHEET),
        ("PNG", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, Why.NO_SPREADSHEET),
        ("JPEG", b"\xff\xd8\xff\xe0" + b"\1" * 64, Why.NO_SPREADSHEET),
        ("GIF", b"GIF89a" + b"\1" * 64, Why.NO_SPREADSHEET),
        ("RTF", b"{\\rtf1 Siren}", Why.NO_SPREADSHEET),
        ("gzip", b"\x1f\x8b\x08" + b"\0" * 64, Why.NO_SPREADSHEET),
        ("bzip2", b"BZh9" + b"1" * 64, Why.NO_SPREADSHEET),
        ("7z", b"7z\xbc\xaf\x27\x1c", Why.NO_SPREADSHEET),
        ("rar", b"Rar!\x1a\x07", Why.NO_SPREADSHEET),
        ("ELF", b"\x7fELF\2\1\1", Why.NO_SPREADSHEET),
        ("EXE", b"MZ\x90\0\3", Why.NO_SPREADSHEET),
        ("HTML", b"<!DOCTYPE html><table><tr><td>Siren", Why.WEB_PAGE),
        ("HTML that Excel made", b"\xef\xbb\xbf <html xmlns:x='urn'><table>", Why.WEB_PAGE),
        ("XML 2003", b'<?xml version="1.0"?><Workbook/>', Why.NO_SPREADSHEET),
        ("entities alone", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', Why.NO_SPREADSHEET),
        ("over 10 MB", b"a;b\r\n" * (2_200_000), Why.TOO_LARGE),
    ):
        yield name, content, {why}
    noise = random.Random(4)
    for number in range(20):
        yield f"noise {number}", noise.randbytes(200 * (number + 1)), ANY
    for number in range(10):
        yield f"noise that says it is a zip {number}", b"PK\x03\x04" + noise.randbytes(300), {Why.DAMAGED}


def _texts() -> Iterator[Case]:
    table = csv_text(TABLE)
    for encoding in (
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1252",
        "mac_roman",
        "cp850",
    ):
        yield f"CSV in {encoding}", table.encode(encoding), {READ}
    for name, separator in (("tab", "\t"), ("comma", ","), ("bar", "|"), ("semicolon", ";")):
        rows = [[word.replace(",", ".") for word in row] for row in TABLE]
        for end in ("\n", "\r\n", "\r", "\n\r\n"):
            yield f"CSV by {name}, lines by {end!r}", csv_text(rows, separator, end).encode(), {READ}
    yield "mixed line ends", b"Siren;Compte\r732829320;1\n404833048;2\r\n552100554;3", {READ}
    yield "sep=", b"sep=;\r\n" + table.encode(), {READ}
    yield "sep= and a mark of quotation", b'sep="\r\n' + table.encode(), {READ}
    yield "sep= and the end of the line", b"sep=\r\n" + table.encode(), {READ}
    yield "sep= alone", b"sep=;\r\n", {Why.NO_ROW}
    yield "headings alone", csv_text([HEAD]).encode(), {Why.NO_ROW}
    yield "one word", b"bonjour", {READ, Why.NO_ROW}
    yield "a quote never closed", b'Siren;Compte\r\n"732829320;117\r\n404833048;118\r\n', {READ}
    yield "a quote that swallows all", b'Siren;Compte\r\n"' + b"732829320;117\r\n" * 5000 + b'"', {READ}
    yield "quotes everywhere", b'"' * 5001, ANY
    yield "separators everywhere", b";" * 100_000, {Why.NO_ROW, Why.TOO_MANY_COLUMNS, Why.EMPTY}
    yield "65 columns", (";".join(["x"] * 65) + "\r\n").encode() * 3, {Why.TOO_MANY_COLUMNS}
    yield "16 384 columns", (";".join(["1"] * 16384) + "\r\n").encode(), {Why.TOO_MANY_COLUMNS}
    yield "64 columns", (";".join(["x"] * 64) + "\r\n").encode() * 3, {READ}
    yield "100 001 rows", b"Siren\r\n" + b"1\r\n" * 100_001, {Why.TOO_MANY_ROWS}
    yield "1 048 576 rows", b"1\r\n" * 1_048_576, {Why.TOO_MANY_ROWS}
    yield "a million empty rows", b"Siren;Compte\r\n" + b"\r\n" * 1_000_000 + b"732829320;1\r\n", {READ}
    yield "a cell of 32 767", b"Siren;Note\r\n732829320;" + b"x" * 32_767 + b"\r\n", {READ}
    yield "a cell of 9 MB", b"Siren;Note\r\n732829320;" + b"x" * 9_000_000 + b"\r\n", {READ}
    yield "NUL inside", b"Siren;Compte\r\n7328\x0029320;117\r\n", {READ}
    yield "controls inside", b"Siren;Compte\r\n732\x1b[2J829320;11\x077\r\n", {READ, Why.NO_SPREADSHEET}
    yield "surrogates", b"Siren;Nom\r\n732829320;\xed\xa0\x80\xed\xb0\x80\r\n", {READ}
    yield "odd UTF-16", table.encode("utf-16")[:-1], {READ}
    yield "UTF-16 surrogates alone", b"\xff\xfe" + b"\x00\xd8" * 40, ANY
    yield "UTF-7", b"Siren;Compte\r\n+AGEAYgBj-;1\r\n", {READ}
    yield "direction marks", "\u202eSiren;\u200bCompte\r\n\u202e732829320;117\r\n".encode(), {READ}
    yield "full-width digits", "Siren;Compte\r\n\uff17\uff13\uff12829320;117\r\n".encode(), {READ}
    yield "combining", ("Siren;Nom\r\n732829320;e" + "\u0301" * 5000 + "\r\n").encode(), {READ}
    yield "formulas", b"Siren;Nom\r\n732829320;=cmd|'/C calc'!A0\r\n404833048;@SUM(1)\r\n", {READ}
    yield "no line end", b"Siren;Compte\r\n732829320;117", {READ}
    yield "one column", b"Siren\r\n732829320\r\n404833048\r\n", {READ}
    yield "a title above", b"Nos clients\r\nau 12 octobre\r\n\r\n" + table.encode(), {READ}
    yield "fifty titles above", b"Titre\r\n" * 50 + table.encode(), {READ}
    for number, formula in enumerate(
        ("=1+1", "+33", "-1", "@a", "\t=1", "\r=1", "＝1", "'=1", '"=1"', "=HYPERLINK(1)")
    ):
        yield f"a formula as a heading {number}", f"{formula};Siren\r\n1;732829320\r\n".encode(), ANY


def _archives() -> Iterator[Case]:
    """Archives that lie, grow or hide."""
    parts = xlsx_parts({"Clients": sheet(TABLE)})
    zeros = b"0" * (60 * 1024 * 1024)
    yield "a bomb in a sheet", packed({**parts, "xl/worksheets/sheet1.xml": zeros}), {Why.EXPANDS}
    yield "a bomb in the strings", packed({**parts, "xl/sharedStrings.xml": zeros}), {Why.EXPANDS}
    yield "a bomb that nobody reads", packed({**parts, "xl/media/image1.png": zeros}), {READ}
    yield "a small bomb", packed({**parts, "xl/worksheets/sheet1.xml": zeros[: 8 << 20]}), {Why.EXPANDS}
    yield (
        "a bomb in pieces",
        packed({**parts, **{f"xl/worksheets/sheet{n}.xml": zeros[: 1 << 20] for n in range(2, 90)}}),
        {Why.EXPANDS, READ},
    )
    yield "500 entries", packed({**parts, **{f"xl/media/{n}": b"" for n in range(500)}}), {Why.EXPANDS}
    yield "an archive of nothing", packed({}), {Why.NO_SPREADSHEET, Why.DAMAGED}
    yield "an archive of texts", packed({"a.txt": "bonjour"}), {Why.NO_SPREADSHEET}
    yield "a Word document", packed({"word/document.xml": "<a/>", "[Content_Types].xml": "<a/>"}), {Why.NO_SPREADSHEET}
    yield "binary Excel", packed({**parts, "xl/workbook.bin": b"\0"}), {Why.BINARY_EXCEL}
    yield "an archive in an archive", packed({"clients.xlsx": xlsx(TABLE)}), {Why.NO_SPREADSHEET}
    yield "paths that climb", packed({**parts, "../../../../etc/passwd": b"x", "/etc/shadow": b"y"}), {READ}
    yield "something before", b"MZ junk" + packed(parts), ANY
    yield "something after", packed(parts) + b"junk" * 100, {READ, Why.DAMAGED}
    yield "two archives", packed(parts) + packed({"a": b"b"}), ANY
    yield "stored", packed(parts, zipfile.ZIP_STORED), {READ}
    for name, method in (("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
        yield f"packed by {name}", packed(parts, method), ANY
    good = packed(parts)
    yield "said to be locked", _flagged(good), {Why.LOCKED}
    yield "twice the same name", _twice(parts), {Why.DAMAGED}
    for twin in ("XL/Worksheets/Sheet1.xml", "xl\\worksheets\\sheet1.xml"):
        yield f"the same name as {twin}", packed({**parts, twin: sheet([["autre"]])}), {Why.DAMAGED}
    yield "names from the root", packed({f"/{name}": part for name, part in parts.items()}), {Why.NO_SPREADSHEET}
    yield "a name here, another there", good.replace(b"sheet1.xml", b"sheet9.xml", 1), {Why.DAMAGED}
    yield "entries that overlap", _overlapping(), {Why.DAMAGED, Why.EXPANDS}
    for name, target in (("a page", "http://192.0.2.1/sheet1.xml"), ("a file", "../../../etc/passwd")):
        relations = str(parts["xl/_rels/workbook.xml.rels"]).replace("worksheets/sheet1.xml", target)
        yield f"a sheet that is {name}", packed({**parts, "xl/_rels/workbook.xml.rels": relations}), {Why.DAMAGED}
    for name, size in (("small", 1), ("huge", 0xFFFFFFFE)):
        yield f"a {name} size announced", _announced(good, size), ANY - {READ} | {READ}
    yield "the end alone", b"PK\x05\x06" + b"\0" * 18, {Why.NO_SPREADSHEET, Why.DAMAGED}
    yield "an end that counts 65 535", b"PK\x05\x06" + b"\xff" * 18, {Why.DAMAGED}
    yield "zeros deflated without end", _endless(), {Why.DAMAGED, Why.EXPANDS}


def _flagged(archive: bytes) -> bytes:
    spoilt = bytearray(archive)
    at = spoilt.find(b"PK\x01\x02")
    while at >= 0:
        spoilt[at + 8] |= 1
        at = spoilt.find(b"PK\x01\x02", at + 4)
    return bytes(spoilt)


def _twice(parts: dict[str, str | bytes]) -> bytes:
    import io
    import warnings

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in [*parts.items(), ("xl/worksheets/sheet1.xml", sheet([["autre"]]))]:
            archive.writestr(name, content)
    return out.getvalue()


def _announced(archive: bytes, size: int) -> bytes:
    spoilt = bytearray(archive)
    at = spoilt.find(b"PK\x01\x02")
    while at >= 0:
        spoilt[at + 24 : at + 28] = struct.pack("<I", size)
        at = spoilt.find(b"PK\x01\x02", at + 4)
    return bytes(spoilt)


def _overlapping() -> bytes:
    """Hundreds of names for one entry, each as large as the whole."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros, name = b"0" * 2_000_000, b"xl/worksheets/a.xml"
    data = packer.compress(zeros) + packer.flush()
    about = (0, 8, 0, 33, zlib.crc32(zeros), len(data), len(zeros), len(name), 0)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, *about) + name + data
    central = (struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, *about, 0, 0, 0, 0, 0) + name) * 200
    return local + central + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 200, 200, len(central), len(local), 0)


def _endless() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(b"\0" * 5_000_000) + packer.flush(zlib.Z_SYNC_FLUSH)
    archive = bytearray(packed({"xl/workbook.xml": b"<a/>"}, zipfile.ZIP_STORED))
    return bytes(archive[:44]) + data + bytes(archive[44:])


def _workbooks() -> Iterator[Case]:
    def book(content: str) -> bytes:
        return packed(xlsx_parts({"Clients": content}))

    yield "a plain XLSX", xlsx(TABLE), {READ}
    parts = xlsx_parts({"Clients": sheet(TABLE)})
    entity = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>'
    for name in list(parts):
        if name.endswith((".xml", ".rels")):
            content = str(parts[name])
            for word, inside in (
                ("laughs", entity),
                ("an outside entity", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:/etc/passwd">]>'),
                ("an outside type", '<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd">'),
                ("a parameter entity", '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://192.0.2.1/">%b;]>'),
                ("a lower-case type", entity.lower()),
            ):
                spoilt = content.replace("?>", "?>" + inside, 1)
                yield f"{word} in {name}", packed({**parts, name: spoilt}), {Why.UNSAFE}
            yield f"UTF-16 in {name}", packed({**parts, name: content.encode("utf-16")}), {Why.UNSAFE}
            yield f"nothing in {name}", packed({**parts, name: ""}), ANY
            yield f"no {name}", packed({key: value for key, value in parts.items() if key != name}), ANY
            yield f"half of {name}", packed({**parts, name: content[: len(content) // 2]}), ANY
            yield f"{name} turned over", packed({**parts, name: content[::-1]}), ANY
    yield "macros", packed({**parts, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"x" * 999}), {READ}
    yield (
        "links to other files",
        packed(
            {**parts, "xl/externalLinks/externalLink1.xml": '<externalLink><externalBook r:id="rId1"/></externalLink>'}
        ),
        {READ},
    )
    formula = cell("C2", '<c r="C2"><f>HYPERLINK("http://192.0.2.1")</f><v>48317.28</v></c>')
    yield "a formula", book(sheet([HEAD, [*ROW[:2], formula]])), {READ}
    yield "a formula without its value", book(sheet([HEAD, [*ROW[:2], '<c r="C2"><f>NOW()</f></c>']])), {READ}
    yield "an error", book(sheet([HEAD, ['<c r="A2" t="e"><v>#N/A</v></c>', *ROW[1:]]])), {READ}
    for name, reference in (("the last cell", "XFD1048576"), ("a far row", "A1048576"), ("a far column", "XFD2")):
        yield name, book(sheet([HEAD, ROW, [f'<c r="{reference}"><v>1</v></c>']])), NO
    for reference in ("ZZZZ1", "A99999999999", "A0", "0A", "", "A-1", "\u0410\u0031", "A1:B2"):
        yield f"a cell at {reference!r}", book(sheet([HEAD, ROW, [f'<c r="{reference}"><v>1</v></c>']])), ANY
    for value in ("1e309", "NaN", "-0", "1e-400", "0x10", "", "٣", "1" * 400, "7.3282932E+13", "99999999999999999999"):
        yield f"the number {value[:12]!r}", book(sheet([HEAD, [f'<c r="A2"><v>{value}</v></c>', *ROW[1:]]])), ANY
    for kind in ("s", "b", "str", "d", "e", "n", "x", "inlineStr"):
        for value in ("99999", "-1", "1", "oui"):
            yield (
                f"a cell of type {kind}, {value}",
                book(sheet([HEAD, [f'<c r="A2" t="{kind}"><v>{value}</v></c>', *ROW[1:]]])),
                ANY,
            )
    for style in ("1", "99", "-1"):
        yield f"style {style}", book(sheet([HEAD, [f'<c r="A2" s="{style}"><v>46310</v></c>', *ROW[1:]]])), ANY
    yield "a date before time", book(sheet([HEAD, ['<c r="A2" s="1"><v>-99999</v></c>', *ROW[1:]]])), ANY
    yield "a date after time", book(sheet([HEAD, ['<c r="A2" s="1"><v>99999999</v></c>', *ROW[1:]]])), ANY
    yield "a cell of 32 767 letters", xlsx([HEAD, [*ROW[:2], "x" * 32_767]]), {READ}
    yield "100 001 rows of XLSX", xlsx([HEAD, *[["1"]] * 100_026]), {Why.TOO_MANY_ROWS, Why.EXPANDS}
    yield "65 columns of XLSX", xlsx([["x"] * 65] * 2), {Why.TOO_MANY_COLUMNS}
    hidden = xlsx_parts({"Cachée": sheet(TABLE), "Vue": sheet([["Notes"], ["rien"]])}, hidden=["Cachée"])
    yield "a hidden sheet", packed(hidden), {READ}
    yield "only hidden sheets", packed(xlsx_parts({"Cachée": sheet(TABLE)}, hidden=["Cachée"])), {Why.NO_ROW}
    yield "no sheet", packed(xlsx_parts({})), NO
    yield "an empty sheet", packed(xlsx_parts({"Vide": sheet([])})), {Why.NO_ROW}
    yield "200 sheets", packed(xlsx_parts({f"Feuille {n}": sheet(TABLE) for n in range(200)})), {READ}
    many = "".join(f'<mergeCell ref="A{n}:A{n + 1}"/>' for n in range(2, 20_000, 2))
    yield "10 000 merges", xlsx(TABLE, after=f"<mergeCells>{many}</mergeCells>"), {READ}
    yield "one huge merge", xlsx(TABLE, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), ANY
    yield "a merge down a column", xlsx(TABLE, after='<mergeCells><mergeCell ref="A2:A1048576"/></mergeCells>'), ANY
    yield "a merge turned over", xlsx(TABLE, after='<mergeCells><mergeCell ref="B9:A1"/></mergeCells>'), ANY
    deep = "<a>" * 20_000
    yield "tags without end", book(sheet(TABLE).replace("</sheetData>", deep)), ANY
    yield "a long attribute", book(sheet(TABLE).replace("<sheetData>", f'<sheetData x="{"y" * 3_000_000}">')), ANY


def _open_documents() -> Iterator[Case]:
    yield "a plain ODS", ods(TABLE), {READ}
    parts = ods_parts(ods_content(TABLE))
    for inside in ('<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:/etc/passwd">'):
        for name in ("content.xml", "META-INF/manifest.xml"):
            spoilt = str(parts[name]).replace("?>", "?>" + inside, 1)
            yield f"{inside[:24]} in {name}", packed({**parts, name: spoilt}), {Why.UNSAFE}
    yield (
        "a locked ODS",
        packed({**parts, "META-INF/manifest.xml": "<manifest><manifest:encryption-data/></manifest>"}),
        {Why.LOCKED},
    )
    yield (
        "a text document",
        packed({**parts, "mimetype": "application/vnd.oasis.opendocument.text"}),
        {Why.NO_SPREADSHEET},
    )
    for times in (1_048_570, 4_000_000_000, 99_999_999_999_999_999_999):
        empty = f'<table:table-row table:number-rows-repeated="{times}"><table:table-cell/></table:table-row>'
        yield f"{times} empty rows", ods(TABLE, empty), ANY
        full = empty.replace("<table:table-cell/>", '<table:table-cell office:value="1"/>')
        yield f"{times} full rows", ods(TABLE, full), ANY
        wide = (
            '<table:table-row><table:table-cell office:value-type="float" office:value="1"'
            f' table:number-columns-repeated="{times}"/></table:table-row>'
        )
        yield f"{times} full columns", ods(TABLE, wide), ANY
    yield "rows repeated below nothing", ods(TABLE, '<table:table-row table:number-rows-repeated="-5"/>'), ANY
    yield "a bomb of ODS", packed({**parts, "content.xml": b" " * (60 << 20)}), {Why.EXPANDS}
    for name in ("content.xml", "mimetype", "META-INF/manifest.xml"):
        yield f"an ODS with an empty {name}", packed({**parts, name: ""}), ANY
        yield f"an ODS without {name}", packed({key: v for key, v in parts.items() if key != name}), ANY


def _cut() -> Iterator[Case]:
    """Files whose transfer stopped somewhere."""
    for kind, whole in (("XLSX", xlsx(TABLE)), ("ODS", ods(TABLE))):
        for tenth in range(1, 20):
            yield f"{tenth}/20 of an {kind}", whole[: len(whole) * tenth // 20], NO
    whole = csv_text(TABLE).encode("utf-16")
    for tenth in range(1, 10):
        yield f"{tenth}/10 of a CSV", whole[: len(whole) * tenth // 10], ANY


def _spoilt() -> Iterator[Case]:
    """Files in which a few bytes have turned."""
    chance = random.Random(9)
    for kind, whole in (("XLSX", xlsx(TABLE)), ("ODS", ods(TABLE)), ("CSV", csv_text(TABLE).encode())):
        for number in range(25):
            turned = bytearray(whole)
            for _ in range(1 + number % 5):
                turned[chance.randrange(len(turned))] = chance.randrange(256)
            yield f"an {kind} with turned bytes {number}", bytes(turned), ANY
