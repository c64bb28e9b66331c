"""A chain as a file that proves itself: every event, the signed witnesses, and the script that checks them."""

import json
import zipfile
from pathlib import Path
from typing import IO

from django.db import connection

from portefeuille.audit import checkpoints

#: How many events are held at once.
CHUNK = 500

_READ_ME = """Journal du cabinet, avec sa preuve.

evenements.jsonl    un événement par ligne, du premier au dernier
temoins.jsonl       les têtes de la chaîne que l'organisme a signées
chaine.json         la longueur de la chaîne, sa dernière empreinte, la clé publique de l'organisme
verify_journal.py   vérifie le tout : python3 verify_journal.py

Comparez la clé publique avec celle que l'organisme publie.
"""

# As the function ``audit_digest`` writes it: the text is what is digested, to the last blank.
_EVENTS = """
SELECT seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor, verb, subject, before::text,
       after::text, encode(previous, 'hex'), encode(digest, 'hex'),
       jsonb_build_array(chain, seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor, verb,
                         subject, before, after, encode(previous, 'hex'))::text
FROM audit_event WHERE chain = %s AND seq <= %s ORDER BY seq
"""


def write_proof(*, chain: int, into: IO[bytes]) -> int:
    """Write a chain, as it is now, as a ZIP file into ``into``; how many events it has.

    What is appended meanwhile is left out, and so are the witnesses of it. Memory does not grow with the chain.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, encode(digest, 'hex') FROM audit_chain WHERE chain = %s", [chain])
        seq, digest = cursor.fetchone() or (0, "")
    about = {"chain": chain, "seq": seq, "digest": digest, "public_key": checkpoints.public_key()}
    heads = [head for head in checkpoints.heads_of(chain) if head["seq"] <= seq]
    script = Path(__file__).with_name("verify_journal.py").read_text(encoding="utf-8")
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("LISEZMOI.txt", _READ_ME)
        archive.writestr("verify_journal.py", script)
        archive.writestr("chaine.json", json.dumps(about))
        archive.writestr("temoins.jsonl", "".join(json.dumps(head) + "\n" for head in heads))
        with archive.open("evenements.jsonl", "w", force_zip64=True) as file, connection.chunked_cursor() as cursor:
            cursor.execute(_EVENTS, [chain, seq])
            while rows := cursor.fetchmany(CHUNK):
                for row in rows:
                    file.write(_line(*row))
    return int(seq)


def _line(
    seq: int, at: str, actor: str, verb: str, subject: str, before: str | None, after: str | None, *proof: str
) -> bytes:
    previous, digest, text = proof
    event = {
        "seq": seq,
        "at": at,
        "actor": actor,
        "verb": verb,
        "subject": subject,
        "before": None if before is None else json.loads(before),
        "after": None if after is None else json.loads(after),
        "previous": previous,
        "digest": digest,
        "texte": text,
    }
    return json.dumps(event, ensure_ascii=False).encode() + b"\n"
