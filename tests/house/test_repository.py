"""Habits that nobody should have to remember."""

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 500


@cache
def tracked() -> tuple[Path, ...]:
    """The files of the repository; without git (an archive), what stands in its folders."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        inside = [path for top in ("src", "tests", "docs", "requirements") for path in (ROOT / top).rglob("*")]
        return tuple(path for path in inside if path.is_file() and "__pycache__" not in path.parts)
    return tuple(
        path for path in (ROOT / name for name in listed.stdout.decode().split("\0") if name) if path.is_file()
    )


def texts() -> dict[Path, str]:
    found = {}
    for path in tracked():
        try:
            found[path.relative_to(ROOT)] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def our_apps() -> list[str]:
    return [app.label for app in apps.get_app_configs() if app.name.startswith("portefeuille.")]


def our_models() -> list[type[models.Model]]:
    return [model for label in our_apps() for model in apps.get_app_config(label).get_models()]


def test_files_are_short_enough_to_be_read() -> None:
    long = {
        str(path): text.count("\n")
        for path, text in texts().items()
        if path.suffix == ".py" and "migrations" not in path.parts and text.count("\n") >= LONGEST_FILE
    }
    assert long == {}


def test_no_name_of_a_file_says_nothing() -> None:
    hollow = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "managers", "stuff", "base"}
    assert [str(path) for path in texts() if path.suffix == ".py" and path.stem in hollow] == []


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_every_model_says_what_it_is(model: type[models.Model]) -> None:
    assert model.__str__ is not models.Model.__str__


def test_each_app_has_one_last_migration() -> None:
    loader = MigrationLoader(None)
    assert {app: len(loader.graph.leaf_nodes(app)) for app in our_apps()} == {
        app: int(app in loader.migrated_apps) for app in our_apps()
    }
    with_models = {model._meta.app_label for model in our_models()}
    assert with_models <= loader.migrated_apps


def test_the_migrations_make_the_models(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_foreign_key_and_constraint_is_valid(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []


def test_a_batch_is_chosen_once() -> None:
    """In a join, a subquery may run again for each row, and one that skips what it has locked finds others each time.

    An ARRAY of a subquery, or a subquery compared with ``=``, runs once.
    """
    chosen_again = re.compile(r"\bIN\s*\(\s*SELECT\b(?:(?!\n\s*\)).)*?SKIP LOCKED", re.DOTALL)
    assert chosen_again.search("DELETE FROM a WHERE id IN (\n    SELECT id FROM a LIMIT 2 FOR UPDATE SKIP LOCKED\n)")
    found = {str(path) for path, text in texts().items() if path.parts[0] == "src" and chosen_again.search(text)}
    assert found == set()


# Assembled from pieces, or this file would be the first to hold them.
_MACHINE = re.compile(
    "|".join(
        [
            r"(?<![\w.-])/" + r"(?:work|home/\w+|Users/\w+|root)/",
            r"https?://" + r"(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d",
            r"--" + r"(?:extra-)?index-url\s+http",
            r"file:" + r"///(?!\$)",
            r"https?://(?!pypi\.org)[\w.-]*" + r"(?:artifactory|nexus|devpi|pypi\.|registry\.npm)[\w.-]*",
        ]
    )
)


def test_no_place_of_a_machine_is_in_a_file() -> None:
    found = {
        str(path): hit.group()
        for path, text in texts().items()
        if (hit := _MACHINE.search(text)) and path.name != Path(__file__).name
    }
    assert found == {}


def test_a_place_of_a_machine_would_be_seen() -> None:
    for spoilt in (
        "cd /ro" + "ot/x",
        "see /ho" + "me/ann/x",
        "--index-" + "url https://x/simple",
        "http://10" + ".0.0.1",
    ):
        assert _MACHINE.search(spoilt)
    assert not _MACHINE.search("https://pypi.org/simple and /homepage/x")


def test_no_secret_looks_real() -> None:
    key = re.compile("-----BEGIN" + " [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}")
    assert [str(path) for path, text in texts().items() if key.search(text)] == []


def _project() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {"run": project["dependencies"], **project["optional-dependencies"]}


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=~!; ]", requirement)[0].lower()


def _said_in(page: str) -> dict[str, str]:
    rows = re.findall(r"^\|\s*`?([\w.-]+)`?\s*\|\s*(.+?)\s*\|", (ROOT / page).read_text(), re.MULTILINE)
    return {name.lower(): why for name, why in rows if name != "name" and not set(name) <= {"-", ":"}}


def test_every_direct_dependency_is_justified_and_no_other() -> None:
    wanted = {_name(requirement) for group in _project().values() for requirement in group}
    said = _said_in("docs/dependencies.md")
    assert set(said) == wanted
    assert all(len(why) > 10 for why in said.values())


def test_every_direct_dependency_is_locked_with_hashes() -> None:
    for group, lock in (("run", "run"), ("test", "test"), ("fuzz", "fuzz")):
        locked = (ROOT / "requirements" / f"{lock}.txt").read_text()
        for requirement in _project()[group]:
            assert re.search(rf"^{re.escape(_name(requirement))}(\[.*\])?==\S+ \\$", locked, re.M), requirement
        entries = re.split(r"\n(?=\S)", locked.strip())
        pinned = [entry for entry in entries if "==" in entry and not entry.startswith("#")]
        assert all("--hash=sha256:" in entry for entry in pinned)


def test_every_decision_is_in_their_list_and_its_links_lead_somewhere() -> None:
    decisions = ROOT / "docs" / "decisions"
    listed = (decisions / "README.md").read_text()
    files = sorted(path.name for path in decisions.glob("[0-9]*.md"))
    assert files
    assert [name for name in files if f"({name})" not in listed] == []
    numbers = [name[:4] for name in files]
    assert len(numbers) == len(set(numbers))
    assert "docs/decisions" in (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()


def test_the_decisions_that_the_code_names_exist() -> None:
    known = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
    for path, text in texts().items():
        for number in re.findall(r"\bADR (\d{4})\b", text):
            assert number in known, f"{path}: ADR {number}"


def test_links_between_pages_of_the_repository_lead_somewhere() -> None:
    dead = []
    for path, text in texts().items():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            if not (ROOT / path.parent / target).exists():
                dead.append(f"{path}: {target}")
    assert dead == []


def test_the_pages_that_the_code_names_exist() -> None:
    for path, text in texts().items():
        if path.suffix in (".py", ".html", ".toml") or path.name == "Makefile":
            for named in re.findall(r"\bdocs/[\w/.-]+\.md\b", text):
                assert (ROOT / named).exists(), f"{path}: {named}"


def test_every_setting_from_the_environment_is_in_the_manual() -> None:
    source = (ROOT / "src/portefeuille/config/settings.py").read_text()
    named = set(re.findall(r'env\.\w+\(\s*"(\w+)"', source))
    manual = (ROOT / "docs/operations.md").read_text()
    assert len(named) > 10
    assert sorted(name for name in named if name not in manual) == []


def test_screens_are_light() -> None:
    heavy = [path.name for path in (ROOT / "docs" / "screens").glob("*") if path.stat().st_size > 200 * 1024]
    assert heavy == []


def test_debugging_is_off_and_nothing_of_it_is_left() -> None:
    assert settings.DEBUG is False
    left = re.compile(r"^\s*(breakpoint\(\)|import pdb|print\(|console\.log\()", re.MULTILINE)
    for path, text in texts().items():
        if path.parts[0] == "src" and path.suffix in (".py", ".js") and "cli" not in path.parts:
            assert not left.search(text), path
