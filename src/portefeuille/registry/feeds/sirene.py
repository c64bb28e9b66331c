"""INSEE's stock of companies and establishments, as it is published each month, column by column.

StockUniteLegale_utf8 and StockEtablissement_utf8: CSV, zipped or not, or Parquet. Columns that are not named here are
ignored.
Persons who asked that nothing be published of them («statutDiffusion» other than O) have no name, sign nor address in
the register: where there is an account, its holder is shown in place of the name, and before a proof nobody is.
Nothing of INSEE's touches the e-mail addresses, which are the body's own.
"""

from datetime import date
from pathlib import Path
from typing import Any

from portefeuille.registry.feeds.reading import FileRefused
from portefeuille.registry.feeds.schema import Column, Feed, any_siren, any_siret, day, one_of, text

_PUBLIC, _MASKED = "O", "[ND]"
_diffusion = one_of(("O", "P", "N"))
_UNUSED_NAF = ("", "00.00Z", "00.00")


def _short(longest: int) -> Any:
    """Text cut at ``longest``: INSEE's may be longer than what we keep, and is right all the same."""
    parse = text(10_000)
    return lambda cell: parse(cell)[:longest]


def _day(cell: str) -> date | None:
    return day(cell) if cell != _MASKED else None


def _shown(diffusion: str, *parts: str) -> str:
    """The parts that may be shown, joined."""
    if diffusion != _PUBLIC:
        return ""
    return " ".join(part for part in parts if part and part != _MASKED)


def _naf(cell: str) -> str:
    return "" if cell in _UNUSED_NAF else cell[:6]


def _company(values: list[Any]) -> tuple[Any, ...]:
    siren, diffusion, denomination, name, used_name, first_name, category, naf, created, state, since = values
    person = _shown(diffusion, first_name, used_name or name)
    return (
        siren,
        (_shown(diffusion, denomination) or person)[:250],
        category,
        _naf(naf),
        created,
        since if state == "C" else None,
    )


def _establishment(values: list[Any]) -> tuple[Any, ...]:
    (
        siret,
        siren,
        diffusion,
        sign,
        usual_name,
        number,
        kind,
        street,
        postcode,
        town,
        naf,
        office,
        opened,
        state,
        since,
    ) = values
    return (
        siret,
        siren,
        _shown(diffusion, sign or usual_name)[:250],
        _shown(diffusion, number, kind, street)[:250],
        _shown(diffusion, postcode)[:10],
        _shown(diffusion, town)[:120],
        _naf(naf),
        office == "true",
        opened,
        since if state == "F" else None,
    )


COMPANIES = Feed(
    name="sirene_companies",
    columns=(
        Column("siren", any_siren, required=True),
        Column("statutDiffusionUniteLegale", _diffusion, required=True),
        Column("denominationUniteLegale", _short(250)),
        Column("nomUniteLegale", _short(120)),
        Column("nomUsageUniteLegale", _short(120)),
        Column("prenomUsuelUniteLegale", _short(120)),
        Column("categorieJuridiqueUniteLegale", _short(4)),
        Column("activitePrincipaleUniteLegale", _short(10)),
        Column("dateCreationUniteLegale", _day, blank=None),
        Column("etatAdministratifUniteLegale", one_of(("A", "C")), required=True),
        Column("dateDebut", _day, blank=None),
    ),
    table="registry_company",
    fields=("siren", "name", "legal_category", "naf", "created_on", "ceased_on"),
    key=("siren",),
    key_column="siren",
    row=_company,
)

ESTABLISHMENTS = Feed(
    name="sirene_establishments",
    columns=(
        Column("siret", any_siret, required=True),
        Column("siren", any_siren, required=True),
        Column("statutDiffusionEtablissement", _diffusion, required=True),
        Column("enseigne1Etablissement", _short(250)),
        Column("denominationUsuelleEtablissement", _short(250)),
        Column("numeroVoieEtablissement", _short(20)),
        Column("typeVoieEtablissement", _short(20)),
        Column("libelleVoieEtablissement", _short(200)),
        Column("codePostalEtablissement", _short(10)),
        Column("libelleCommuneEtablissement", _short(120)),
        Column("activitePrincipaleEtablissement", _short(10)),
        Column("etablissementSiege", one_of(("true", "false")), required=True),
        Column("dateCreationEtablissement", _day, blank=None),
        Column("etatAdministratifEtablissement", one_of(("A", "F")), required=True),
        Column("dateDebut", _day, blank=None),
    ),
    table="registry_establishment",
    fields=(
        "siret",
        "siren",
        "sign",
        "address",
        "postcode",
        "town",
        "naf",
        "is_head_office",
        "opened_on",
        "closed_on",
    ),
    key=("siret",),
    key_column="siret",
    row=_establishment,
)

#: The names under which INSEE publishes them, without what tells their format.
NAMES = {"StockUniteLegale_utf8": COMPANIES, "StockEtablissement_utf8": ESTABLISHMENTS}


def files(directory: Path) -> list[tuple[Feed, Path]]:
    """The files of a folder, in the order in which they are loaded: CSV, gzipped, zipped or Parquet.

    Refuses two of one name: one of them may well be last month's.
    """
    found = []
    for name, feed in NAMES.items():
        endings = (".csv", ".csv.gz", ".zip", ".parquet")
        paths = [path for ending in endings if (path := directory / f"{name}{ending}").is_file()]
        if len(paths) > 1:
            raise FileRefused(f"Deux fichiers portent ce nom : {paths[0].name} et {paths[1].name}. Gardez-en un.")
        found += [(feed, path) for path in paths]
    return found
