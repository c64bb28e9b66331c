"""Who the demonstration shows: two firms and their members, and the agents of the body."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """``grants``: portfolio names with the level of access; an administrator has every portfolio without one.

    ``services``: the codes of the services that these rights are narrowed to; none named is all of them.
    """

    email: str
    name: str
    firm: str
    rights: str  # in French, for the terminal
    grants: tuple[tuple[str, str], ...] = ()
    is_administrator: bool = False
    services: tuple[str, ...] = ()


DELORME = "Cabinet Delorme & Associés"
BRUN = "Paie Brun Conseil"
EMPLOYERS = "Employeurs"
INDEPENDENTS = "Indépendants"

#: Invited by the first firm, and not here yet.
INVITED = (("lea.petit@cabinet-delorme.example", "Léa Petit"), ("stage.paie@cabinet-delorme.example", ""))

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
        "ines.caron@cabinet-delorme.example", "Inès Caron", DELORME,
        "collaboratrice\u00a0: gère «Employeurs», pour les attestations seulement", ((EMPLOYERS, "manage"),),
        services=("attestations",),
    ),
    Person(
        "antoine.brun@paie-brun.example", "Antoine Brun", BRUN,
        "administrateur d'un autre cabinet, sans client", is_administrator=True,
    ),
)  # fmt: skip

OFFICE = "Organisme (adresse : /organisme/)"
AGENTS = (
    Person(
        "odile.renard@organisme.example", "Odile Renard", OFFICE,
        "agente\u00a0: admet les cabinets, aide et corrige", is_administrator=True,
    ),
    Person(
        "marc.petit@organisme.example", "Marc Petit", OFFICE,
        "agent\u00a0: consulte, sans rien modifier",
    ),
)  # fmt: skip
#: Who asks for a space, for an agent to say yes or no to.
APPLICANT = Person(
    "helene.lenoir@fiduciaire-lenoir.example",
    "Hélène Lenoir",
    "Fiduciaire Lenoir",
    "demande un espace pour son cabinet",
)
