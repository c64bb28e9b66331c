"""Who the demonstration shows: two firms and their members."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """``grants``: portfolio names with the level of access; an administrator has every portfolio without one."""

    email: str
    name: str
    firm: str
    rights: str  # in French, for the terminal
    grants: tuple[tuple[str, str], ...] = ()
    is_administrator: bool = False


DELORME = "Cabinet Delorme & Associés"
BRUN = "Paie Brun Conseil"
EMPLOYERS = "Employeurs"
INDEPENDENTS = "Indépendants"

PEOPLE = (
    Person(
        "claire.delorme@cabinet-delorme.example", "Claire Delorme", DELORME,
        "administratrice\u00a0: tous les portefeuilles", is_administrator=True,
    ),
    Person(
        "samir.haddad@cabinet-delorme.example", "Samir Haddad", DELORME,
        "collaborateur\u00a0: gère «Employeurs» et «Indépendants»", ((EMPLOYERS, "manage"), (INDEPENDENTS, "manage")),
    ),
    Person(
        "julie.marchand@cabinet-delorme.example", "Julie Marchand", DELORME,
        "collaboratrice\u00a0: consulte «Indépendants», sans rien modifier", ((INDEPENDENTS, "view"),),
    ),
    Person(
        "antoine.brun@paie-brun.example", "Antoine Brun", BRUN,
        "administrateur d'un autre cabinet, sans client", is_administrator=True,
    ),
)  # fmt: skip
