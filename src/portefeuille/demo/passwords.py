"""Passwords that can be read aloud and typed: four words, 28 bits and a number; made once for each demonstration."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from portefeuille.private_postgres import secrets_file

# Short French words without accents.
_TEXT = (
    "abricot agenda amande ancre anneau arbre ardoise argile armoire aurore avoine balcon bambou banc basilic "
    "bateau blason bocal bougie boussole branche brique brise buffet cabane cactus cadran cahier caillou "
    "canard canoe carafe carnet carotte cascade cerise chalet chemin cigale citron clavier cloche clocher "
    "colline colombe compas copeau corail cordage crayon cuivre cypres dalle damier datte dauphin digue domino "
    "dune duvet enclume encre engrais epice erable etang falaise farine fenouil figue flacon flocon fontaine "
    "forge fougere foulard fournil frelon fusain galet garance genet girofle givre gourde granit grelot "
    "guitare hamac hangar herbe hibou houle jardin jasmin jonquille lagune lanterne laurier lavande levain "
    "lichen lierre lilas loutre lucarne lune mangue marbre maree marron menthe merle miel mimosa moulin muguet "
    "myrtille navire noisette olive ombre orage orme osier paille pinson plume "
)
WORDS = _TEXT.split()


def of(data: Path, emails: Iterable[str]) -> dict[str, str]:
    """The password of each e-mail address, kept in the data folder's secrets so that it stays the same."""
    kept = secrets_file.keep(data, {f"password of {email}": _made for email in emails})
    return {email: kept[f"password of {email}"] for email in emails}


def _made() -> str:
    return "-".join([*(secrets.choice(WORDS) for _ in range(4)), str(secrets.randbelow(90) + 10)])
