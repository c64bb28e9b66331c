"""``portefeuille registry check | load | generate``: the files that bring the register in (docs/feeds/)."""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from portefeuille.cli import surroundings
from portefeuille.cli.database import migrate
from portefeuille.cli.saying import Progress, Refusal, complain, say
from portefeuille.private_postgres.cluster import remove

if TYPE_CHECKING:
    from portefeuille.registry.feeds import FeedReport


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    registry = commands.add_parser("registry", help="the register: check, load or make up its files")
    verbs = registry.add_subparsers(required=True, metavar="COMMAND")
    check = verbs.add_parser("check", help="check a folder of files without loading anything")
    check.add_argument("folder", type=Path)
    check.add_argument(
        "--data",
        type=Path,
        help="data folder whose register the files are to complete (default: DATABASE_URL, else ./var/demo if it is "
        "there, else an empty register)",
    )
    check.set_defaults(run=run_check)
    load = verbs.add_parser("load", help="load a folder of files")
    load.add_argument("folder", type=Path)
    load.add_argument("--data", type=Path, help="data folder (default: DATABASE_URL, else ./var/demo)")
    load.set_defaults(run=run_load, sirene=False)
    sirene = verbs.add_parser("load-sirene", help="load INSEE's stock files of companies and establishments")
    sirene.add_argument("folder", type=Path)
    sirene.add_argument("--data", type=Path, help="data folder (default: DATABASE_URL, else ./var/demo)")
    sirene.set_defaults(run=run_load, sirene=True)
    generate = verbs.add_parser("generate", help="make up a register of nobody (needs no database)")
    generate.add_argument("--accounts", type=count, default=2000, help="how many accounts, about (default: 2000)")
    generate.add_argument("--seed", type=int, default=1, help="the same seed makes the same files (default: 1)")
    generate.add_argument("--out", type=Path, required=True, help="folder to write the files in")
    generate.set_defaults(run=run_generate)


def run_check(options: argparse.Namespace) -> int:
    folder = _existing(options.folder)
    with ExitStack() as stack:
        data = options.data
        alone = data is None and not surroundings.demo_exists()
        if alone:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portefeuille-check-")))
            stack.callback(remove, data)
        around = stack.enter_context(surroundings.of(data, surroundings.DEMO_FOLDER, throw_away=alone))
        around.apply()
        if around.cluster is not None:
            migrate(complain)
        from portefeuille.registry.feeds import check

        with _rejects_told():
            report = check(folder, complain)
    tell(report)
    return 0 if report.is_clean else 1


def run_load(options: argparse.Namespace) -> int:
    folder = _existing(options.folder)
    with surroundings.of(options.data, surroundings.DEMO_FOLDER) as around:
        around.apply()
        if around.cluster is not None:
            migrate(complain)
        progress = Progress()
        from portefeuille.registry import queries

        # Into an empty register, as the owner of its tables, who may build their indexes afterwards.
        role = nullcontext() if queries.has_accounts() else surroundings.as_owner()
        with _rejects_told(), progress.step(f"Loading {folder}"), role:
            report, followed = load(folder, progress.detail, sirene=options.sirene)
    tell(report)
    say(f"{followed} enrolments followed.")
    return 0 if report.is_accepted else 1


def run_generate(options: argparse.Namespace) -> int:
    _prepare_without_database()
    from portefeuille.registry.generate import generate

    out = surroundings.absolute(options.out)
    progress = Progress()
    with progress.step(f"Making up {options.accounts} accounts"):
        generate(accounts=options.accounts, seed=options.seed, out=out)
    say(f"The files are in {out}.")
    return 0


def load(
    folder: Path, report: Callable[[str], None], *, rejects: Path | None = None, sirene: bool = False
) -> "tuple[FeedReport, int]":
    """Loads a folder and lets the enrolments follow; what was loaded, and how many enrolments changed.

    ``sirene``: the files are INSEE's. ``rejects`` is the folder that the refused lines are told in, the one that the
    command runs in without it.
    """
    from django.db import OperationalError

    from portefeuille.enrolments.following import follow_new
    from portefeuille.registry import feeds

    followed = 0

    def follow() -> None:
        nonlocal followed
        try:
            followed += follow_new()
        except OperationalError:  # somebody holds an enrolment: no reason to leave the other files out
            report("The enrolments that this file touches are in use: the worker lets them follow.")

    read = feeds.load_sirene if sirene else feeds.load
    loaded = read(folder, report, rejects=rejects, follow=follow)
    return loaded, followed


def tell(report: "FeedReport") -> None:
    """A line for each file, and where the refused lines are."""
    for file in report.files:
        told = f"{file.name}: {file.lines} lines"
        if file.inserted or file.changed or file.same:
            told += f", {file.inserted} new, {file.changed} changed, {file.same} unchanged"
        if file.withheld:
            told += f", {file.withheld} facts anybody could guess left out"
        if file.refused:
            told += f", {file.refused} refused"
        say(f"{told}. {file.refusal}".rstrip())
    if report.problem:
        complain(report.problem)
    if report.rejects is not None:
        complain(f"refused lines, with their reasons: {report.rejects}")


@contextmanager
def _rejects_told() -> Iterator[None]:
    """Where the refused lines cannot be told, nothing is refused nor loaded: who asked chooses another folder."""
    from portefeuille.registry.feeds.reporting import RejectsUnwritable

    try:
        yield
    except RejectsUnwritable as error:
        raise Refusal(f"{error}. Run the command in a folder where it may write the refused lines.") from None


def _existing(folder: Path) -> Path:
    folder = surroundings.absolute(folder)
    if not folder.is_dir():
        raise Refusal(f"{folder} is not a folder.", 2)
    return folder


def count(text: str) -> int:
    """A number of accounts, for argparse."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 20_000_000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 20000000")
    return int(text)


def _prepare_without_database() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portefeuille.config.settings_for_checks")
    django.setup()
