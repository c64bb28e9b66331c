"""Vérifie un journal exporté : python3 verify_journal.py [dossier]. Rien d'autre que Python n'est nécessaire.

Chaque ligne de evenements.jsonl porte le texte exact dont elle est l'empreinte, et l'empreinte de la ligne d'avant :
rien ne peut être changé, retiré ni ajouté sans que cela se voie. temoins.jsonl porte les têtes de la chaîne que
l'organisme a signées au fil du temps (Ed25519) : avec le paquet « cryptography », les signatures sont vérifiées aussi.
Code de sortie : 0 intact, 1 altéré.
"""

import hashlib
import json
import sys
from pathlib import Path


def check_events(folder, chain):
    """The digest of each event by its place, and the first fault."""
    digests, previous = {}, ""
    with (folder / "evenements.jsonl").open(encoding="utf-8") as file:
        for place, line in enumerate(file, start=1):
            event = json.loads(line)
            digest = hashlib.sha256(event["texte"].encode()).hexdigest()
            told = [chain, *(event[name] for name in ("seq", "at", "actor", "verb", "subject", "before", "after"))]
            if event["seq"] != place:
                return digests, f"il manque un événement avant le n° {event['seq']}"
            if event["previous"] != previous:
                return digests, f"l'événement n° {place} ne suit pas celui d'avant"
            if event["digest"] != digest or json.loads(event["texte"]) != [*told, previous]:
                return digests, f"l'événement n° {place} a été changé"
            digests[place] = previous = digest
    return digests, ""


def check_witnesses(folder, chain, key, digests):
    """How many signed heads there are, how many signatures were checked, and the first fault."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        verifier, wrong = None, ()
    else:
        verifier, wrong = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)), InvalidSignature
    number = checked = 0
    with (folder / "temoins.jsonl").open(encoding="utf-8") as file:
        for line in file:
            head = json.loads(line)
            signature = bytes.fromhex(head.pop("signature"))
            number += 1
            if head["chain"] != chain or digests.get(head["seq"]) != head["digest"]:
                return number, checked, f"le témoin du {head['at']} ne correspond pas au journal"
            if verifier is not None:
                try:
                    verifier.verify(signature, json.dumps(head, sort_keys=True, separators=(",", ":")).encode())
                except wrong:
                    return number, checked, f"le témoin du {head['at']} n'est pas signé par l'organisme"
                checked += 1
    return number, checked, ""


def main(folder):
    about = json.loads((folder / "chaine.json").read_text(encoding="utf-8"))
    digests, fault = check_events(folder, about["chain"])
    if not fault and (len(digests), digests.get(len(digests), "")) != (about["seq"], about["digest"]):
        fault = "le journal ne finit pas où chaine.json le dit"
    number = checked = 0
    if not fault:
        number, checked, fault = check_witnesses(folder, about["chain"], about["public_key"], digests)
    if fault:
        sys.stdout.write(f"ALTÉRÉ : {fault}.\n")
        return 1
    sys.stdout.write(f"INTACT : {len(digests)} événements, {number} témoins, {checked} signatures vérifiées.\n")
    if checked < number:
        sys.stdout.write("Pour vérifier les signatures : pip install cryptography.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
