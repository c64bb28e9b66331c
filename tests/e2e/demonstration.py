"""The program as a newcomer starts it: the demonstration in processes of its own, and what it printed."""

import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portefeuille.identifiers import siren as numbers
from tests.e2e import mailbox
from tests.e2e.mailbox import Mailbox

_RULE = re.compile(r"^─+$")
_CASE = re.compile(r"^ {2}Cas ([123])\s:")
_NAME = re.compile(r"^ {4}(\S.*), (.+)$")
_FACT = re.compile(r"^ {6}(\S.*?) {2,}(\S.*)$")
_STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    identifier: str
    password: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A client to add, as printed: identifiers and amounts with their blanks, to be pasted."""

    name: str
    regime: str
    number: str
    fact: str
    siren: str = ""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """``people`` by first name in lower case; ``cases``: the clients to add of cases 1, 2 and 3; ``clients``: who may
    open a space at once; ``mails``: what an SMTP server accepted."""

    address: str
    folder: Path
    people: dict[str, Person]
    cases: dict[int, list[Shown]]
    clients: list[Shown]
    mails: Mailbox

    def addresses_of_record(self, siren: str) -> set[str]:
        """Where the body may write to a client: nowhere but by letter, if empty."""
        found = set()
        for name in ("entreprises", "comptes"):
            with (self.folder / "registry" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
                found |= {row["courriel"] for row in csv.DictReader(file) if row["siren"] == numbers.parse(siren)}
        return found - {""}


@contextmanager
def running(*, port: int = 0, **environment: str) -> Iterator[Demonstration]:
    """A demonstration of its own on a port (a free one), in a folder that goes with it. ``environment``: settings."""
    folder = Path(tempfile.mkdtemp(prefix="portefeuille-e2e-"))
    trouble = folder / "said.txt"
    command = [
        sys.executable,
        "-m",
        "portefeuille.cli",
        "demo",
        f"--port={port or free_port()}",
        f"--data={folder / 'demo'}",
    ]
    try:
        with (
            mailbox.opened() as (mails, sending),
            trouble.open("w") as said,
            _start(command, said, os.environ | sending | environment) as process,
        ):
            try:
                yield _read(_printed(process, trouble), folder / "demo", mails)
            finally:
                process.terminate()
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(command: list[str], said: IO[str], environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True, env=environment)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _printed(process: "subprocess.Popen[str]", trouble: Path) -> list[str]:
    """The page that is printed when everything runs: it ends with its third rule."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if sum(1 for said in lines if _RULE.match(said)) == 3:
            return lines
    raise RuntimeError(f"the demonstration ended: {trouble.read_text()}")


def _read(lines: list[str], folder: Path, mails: Mailbox) -> Demonstration:
    address = next(line.split()[-1] for line in lines if line.strip().startswith("Ouvrir"))
    people: dict[str, Person] = {}
    cases: dict[int, list[Shown]] = {}
    clients: list[Shown] = []
    case, name, about, facts = 0, "", "", {}

    def close() -> None:
        if "Mot de passe" in facts:
            people[name.split()[0].lower()] = Person(name, facts["Identifiant"], facts["Mot de passe"])
        elif "Adresse" in facts:
            clients.append(Shown(name, about, "", "", facts["Siren"]))
        elif "Numéro de compte" in facts:
            fact = next(value for label, value in facts.items() if label.startswith(("Montant", "Numéro de sécurité")))
            cases[case].append(Shown(name, about, facts["Numéro de compte"], fact, facts.get("Siren", "")))

    for line in [*lines, "    , "]:
        if found := _CASE.match(line):
            close()
            case, facts = int(found[1]), {}
            cases[case] = []
        elif found := _NAME.match(line):
            close()
            name, about, facts = found[1], found[2], {}
        elif found := _FACT.match(line):
            facts[found[1]] = found[2]
    close()
    return Demonstration(address, folder, people, cases, clients, mails)
