"""``portefeuille letters print``: the print queue as one PDF, for who prints by a timer rather than by hand."""

import argparse
import os
from pathlib import Path

from portefeuille.cli import surroundings
from portefeuille.cli.saying import Refusal, complain, say

ACTOR = "command:letters-print"


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    letters = commands.add_parser("letters", help="the print queue").add_subparsers(required=True, metavar="COMMAND")
    print_parser = letters.add_parser("print", help="print the letters that wait, and mark them as sent")
    print_parser.add_argument("--out", type=Path, required=True, help="the PDF to write; it must not exist yet")
    print_parser.add_argument("--data", type=Path, help="data folder (default: DATABASE_URL, else ./var/demo)")
    print_parser.set_defaults(run=run_print)


def run_print(options: argparse.Namespace) -> int:
    out: Path = options.out
    with surroundings.of(options.data, surroundings.DEMO_FOLDER) as around:
        around.apply()
        from portefeuille.backoffice.letters import Printed, print_letters

        try:  # before anything is marked as sent; the codes in it are for nobody else on this machine
            descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Refusal(f"{out} exists already.", 2) from None
        printed = False
        try:
            with os.fdopen(descriptor, "wb") as file:
                result = print_letters(actor=ACTOR)
                if isinstance(result, Printed):
                    file.write(result.pdf)
                    printed = True
        finally:
            if not printed:
                out.unlink()
    if result.unaddressed:
        complain(f"{result.unaddressed} letters have no postal address in the register: they were given up.")
    say(f"{result.letters} letters in {out}." if isinstance(result, Printed) else "No letter waits.")
    return 0
