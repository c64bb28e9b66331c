"""Spreadsheets as firms really keep them: each of another shape, with the clients of the cast somewhere in it.

``every()`` gives (name, bytes, how many lines are clients to add). What stands around them is what people write there.
"""

from collections.abc import Iterator

from portefeuille.identifiers import account_number, siren
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, REGULATED, STRUCK_OFF, CastClient
from tests.imports.files import csv_text, ods, packed, sheet, xlsx, xlsx_parts

SALARIED = (EMPLOYER, STRUCK_OFF)
BY_AMOUNT = (EMPLOYER, REGULATED, STRUCK_OFF)


def euros(client: CastClient) -> str:
    """«48 317,29»"""
    if not client.amount:
        return ""
    whole, _, cents = client.amount.partition(".")
    return f"{int(whole):,}".replace(",", " ") + f",{cents}"


def every() -> Iterator[tuple[str, bytes, int]]:
    # 1. What Excel saves as «CSV (séparateur : point-virgule)», with a title and a total.
    rows = [["CLIENTS PAIE", "", "", ""], ["mise à jour 12/10/2026", "", "", ""], ["", "", "", ""]]
    rows += [["Dossier", "N° SIREN", "N° compte URSSAF", "Montant dû"]]
    rows += [[c.name, siren.show(c.siren), c.account, f"{euros(c)} €"] for c in BY_AMOUNT]
    rows += [["Total", "", "", "55 645,42 €"]]
    yield "paie.csv", csv_text(rows).encode("cp1252", "replace"), 3

    # 2. A Mac's Excel: MacRoman, carriage returns, tabs.
    rows = [["Nom du client", "Siret", "Cpte employeur", "Dernière DSN (montant)"]]
    rows += [[c.name, c.siret, c.account, euros(c)] for c in SALARIED]
    yield "mac.txt", csv_text(rows, "\t", "\r").encode("mac_roman", "replace"), 2

    # 3. What a payroll program exports: commas, quotes, English decimals, many columns of no use here.
    lines = ['"code","siren_client","raison_sociale","ape","numero_compte","montant_declare","email"']
    lines += [
        f'"{n}","{c.siren}","{c.name}","1071C","{c.account}","{c.amount}","x@y.fr"' for n, c in enumerate(SALARIED)
    ]
    yield "logiciel.csv", "\n".join(lines).encode(), 2

    # 4. The independents: NIR with blanks and without its key, no regime.
    nir = INDEPENDENT.nir
    rows = [["Nom", "Prénom", "N° sécu", "SIREN", "N° cotisant"]]
    rows += [["Martin", "Élodie", f"{nir[0]} {nir[1:3]} {nir[3:5]} {nir[5:7]} {nir[7:10]} {nir[10:13]}",
              INDEPENDENT.siren, account_number.show(INDEPENDENT.account)]]  # fmt: skip
    yield "indépendants.csv", csv_text(rows).encode("utf-8-sig"), 1

    # 5. XLSX with numbers as numbers, a sheet of notes before and a hidden one behind.
    table = [["SIRET", "Compte", "À payer"], *[[float(c.siret), c.account, float(c.amount)] for c in SALARIED]]
    book = {"Lisez-moi": sheet([["Ne pas modifier"]]), "Clients 2026": sheet(table), "Archives": sheet(table)}
    yield "classeur.xlsx", packed(xlsx_parts(book, hidden=["Archives"])), 2

    # 6. XLSX where the portfolio is one merged cell beside its clients.
    table = [["Portefeuille", "Siren", "N° compte", "Montant"]]
    table += [["Employeurs" if n == 0 else None, c.siren, c.account, euros(c)] for n, c in enumerate(BY_AMOUNT)]
    yield "fusion.xlsx", xlsx(table, after='<mergeCells><mergeCell ref="A2:A4"/></mergeCells>'), 3

    # 7. ODS, all kinds of clients, the regime in a column of its own.
    table = [["Type de client", "Siren", "N° compte", "Montant", "NIR"]]
    table += [
        ["employeur", EMPLOYER.siren, EMPLOYER.account, euros(EMPLOYER), ""],
        ["artisan", INDEPENDENT.siren, INDEPENDENT.account, "", INDEPENDENT.nir],
        ["infirmière", REGULATED.siren, REGULATED.account, euros(REGULATED), ""],
        ["gérant majoritaire", "", MANAGER.account, euros(MANAGER), ""],
    ]
    yield "tous.ods", ods(table), 4

    # 8. Nobody wrote headings.
    rows = [[c.name, c.siren, c.account, euros(c)] for c in BY_AMOUNT]
    yield "sans-titre.csv", csv_text(rows).encode(), 3

    # 9. UTF-16 from an old database, the columns in another order, empty lines between the clients.
    rows = [["Solde à payer", "Compte URSSAF n°", "RCS"]]
    for client in BY_AMOUNT:
        rows += [[client.amount.replace(".", ","), client.account, siren.show(client.siren)], ["", "", ""]]
    yield "base.txt", csv_text(rows, "\t").encode("utf-16"), 3

    # 10. Saved twice by a spreadsheet: blanks become «?», the Siret is scientific, a name has a quote that never ends.
    rows = [["Nom", "SIRET", "N°compte", "Montant"]]
    rows += [
        ['"Le "Fournil', "7,3282932000074E+13", "117?000?001?234?567?890", f"{euros(EMPLOYER).replace(' ', '?')}?€"]
    ]
    rows += [["Menuiserie", STRUCK_OFF.siret, STRUCK_OFF.account, euros(STRUCK_OFF)]]
    yield "abîmé.csv", csv_text(rows).encode("cp1252", "replace"), 2

    # 11. Two lines of headings with merged groups, sections, subtotals, a comment and a signature.
    table = [["CABINET - suivi 2026"], [None], ["Client", None, "URSSAF", None, None, "Observations"]]
    table += [["Code", "Nom", "SIREN", "N° de compte", "Montant éch. 15/11", None], ["— A à L —"]]
    table += [[f"C{n}", c.name, f"{c.siren[:3]}.{c.siren[3:6]}.{c.siren[6:]}", c.account, float(c.amount), "relancer"]
              for n, c in enumerate(BY_AMOUNT)]  # fmt: skip
    table += [
        ["TOTAL", None, None, None, 1234.5],
        [None],
        ["Fait à Lyon, le 3 novembre"],
        ["Mme Delorme, 04 78 00 00 00"],
    ]
    merged = '<mergeCells><mergeCell ref="A3:B3"/><mergeCell ref="C3:E3"/></mergeCells>'
    yield "suivi.xlsx", xlsx(table, after=merged), 3

    # 12. The firm's own Siren on every line, before the client's.
    rows = [["Siren cabinet", "Cabinet", "Siren client", "Compte URSSAF", "Bordereau"]]
    rows += [["552 100 554", "Delorme", siren.show(c.siren), c.account, f"{euros(c)} €"] for c in BY_AMOUNT]
    yield "deux-siren.csv", csv_text(rows).encode(), 3

    # 13. Words around each number, as on letter paper.
    rows = [["Entreprise", "Immatriculation", "Références Urssaf", "À régler"]]
    rows += [
        [c.name, f"RCS Lyon B {siren.show(c.siren)}", f"Urssaf n° {c.account}", f"{euros(c)} EUR"] for c in SALARIED
    ]
    yield "papier.csv", csv_text(rows).encode(), 2

    # 14. A program that keeps the zeros by writing formulas, and says what its separator is.
    lines = ["sep=,", '"Siren","Compte","Montant"']
    lines += [f'="{c.siren}",="{c.account}","{euros(c)}"' for c in BY_AMOUNT]
    yield "formules.csv", "\r\n".join(lines).encode("utf-8-sig"), 3

    # 15. A printed list: its headings again on the second page, the number of the page, how many clients.
    heads = ["TYPE", "CLIENT", "SIRET", "COMPTE", "MONTANT"]
    rows = [["ÉTAT DES CLIENTS", "", "", "", "Page 1/2"], heads]
    rows += [["Salariés", c.name, c.siret, c.account, euros(c)] for c in SALARIED]
    rows += [["ÉTAT DES CLIENTS", "", "", "", "Page 2/2"], heads]
    rows += [["Gérant", MANAGER.name, "néant", MANAGER.account, euros(MANAGER)], ["Nombre de clients : 3"]]
    yield "état.csv", csv_text(rows, "|").encode("cp1252", "replace"), 3

    # 16. Line breaks in headings and comments; the NIR and its key apart; a telephone that looks like a Siren.
    nir = INDEPENDENT.nir
    text = 'Client;"N°\nSS";Clé;"Tél.\nportable";"SIREN\n(9 chiffres)";"N° de\ncompte\nTI";Suivi\r\n'
    text += (
        f'"{INDEPENDENT.name}";{nir[:13]};{nir[13:]};478112233;{siren.show(INDEPENDENT.siren)};{INDEPENDENT.account};'
    )
    yield "retours.csv", (text + '"appeler ;\nvoir avec ""Paul"""\r\n').encode("utf-8"), 1

    # 17. Fixed widths, as a payroll bureau's printer wrote them.
    text = "NOM".ljust(32) + "SIREN".ljust(12) + "COMPTE".ljust(22) + "MONTANT".rjust(12) + "\r\n"
    for c in BY_AMOUNT:
        text += c.name[:28].ljust(32) + c.siren.ljust(12) + c.account.ljust(22) + euros(c).rjust(12) + "\r\n"
    yield "état.prn", text.encode("cp1252", "replace"), 3
