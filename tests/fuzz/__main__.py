"""``make fuzz``: a million executions of the parsers under atheris. What breaks one stands in the folder it names.

``python -m tests.fuzz delimited --runs 5000`` runs one; ``--save`` keeps what reached new lines in ``saved``, which
the suite goes through.
"""

import argparse
import base64
import os
import subprocess
import sys
from pathlib import Path

SAVED = Path(__file__).parent / "saved"
FOUND = Path("var/fuzz")
#: Kept of each target: short ones, which a person can look at.
_MOST_SAVED, _LONGEST_SAVED = 60, 400
#: A parser that holds so much, or takes so long over one input, is broken too.
_MEGABYTES, _SECONDS = 1024, 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", help="one of them; default: all, one after the other")
    parser.add_argument("--runs", type=int, help="executions (default: the target's share of a million)")
    parser.add_argument("--save", action="store_true", help="keep what reached new lines")
    options = parser.parse_args()
    # No database is asked: Django only has to know its models.
    os.environ["DJANGO_SETTINGS_MODULE"] = "portefeuille.config.settings_for_checks"
    if options.target:
        return _fuzz(options.target, options.runs, save=options.save)
    import django

    django.setup()
    from tests.fuzz.targets import TARGETS

    failed = [
        name
        for name in TARGETS
        if subprocess.run([sys.executable, "-m", "tests.fuzz", name, *sys.argv[1:]], check=False).returncode
    ]
    print(f"{len(TARGETS) - len(failed)} of {len(TARGETS)} targets without a crash", *failed, flush=True)
    return len(failed)


def _fuzz(name: str, runs: int | None, *, save: bool) -> int:
    import atheris

    with atheris.instrument_imports(include=["portefeuille"]):
        import django

        django.setup()
        from tests.fuzz import targets

    act, share = targets.TARGETS[name]
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate([*targets.seeds(name), *saved(name)]):
        (folder / f"seed-{place}").write_bytes(seed)
    print(f"{name}: {runs or share} executions", flush=True)
    command = [
        name, str(folder), f"-atheris_runs={runs or share}", f"-artifact_prefix={FOUND}/{name}-",
        f"-rss_limit_mb={_MEGABYTES}", f"-timeout={_SECONDS}", "-verbosity=0", "-max_len=4096", "-seed=1",
        "-print_final_stats=1",
    ]  # fmt: skip
    child = os.fork()  # libFuzzer ends its process itself
    if child == 0:
        atheris.Setup(command, act)
        atheris.Fuzz()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if save and not status:
        _save(name, folder)
    return status


def saved(name: str) -> list[bytes]:
    """What earlier runs found worth keeping."""
    file = SAVED / f"{name}.txt"
    return [base64.b64decode(line) for line in file.read_text().split()] if file.exists() else []


def _save(name: str, folder: Path) -> None:
    short = [path.read_bytes() for path in folder.iterdir() if path.stat().st_size <= _LONGEST_SAVED]
    spread = sorted(set(short), key=lambda held: (len(held), held))
    step = max(1, len(spread) // _MOST_SAVED)
    SAVED.mkdir(exist_ok=True)
    kept = spread[::step][:_MOST_SAVED]
    (SAVED / f"{name}.txt").write_text("".join(base64.b64encode(held).decode() + "\n" for held in kept))


if __name__ == "__main__":
    sys.exit(main())
