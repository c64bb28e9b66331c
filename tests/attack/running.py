"""The attacks at their full size, each with its verdict: 1 where the promise is not kept."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.attack import ground

#: docs/security/proof-wall.md: takeovers for each firm and month with exact cents.
MOST_TAKEOVERS = 0.001
#: Accounts of a country, whose amounts the attacker has counted.
KNOWN_AMOUNTS = 12_000_000
#: One attacking firm in so many sends half of its guesses in files.
FILE_IN = 10
#: Another worker does the next block of a dead one's file within so many seconds.
TAKEN_OVER = 20.0
_VOLUME = "400m"


def takeovers(options: argparse.Namespace) -> int:
    with ground.prepared():
        from django.db import connection

        from portefeuille.cli import surroundings
        from tests.attack import clock
        from tests.attack import takeovers as attack

        with surroundings.as_owner():
            clock.install()
        connection.close()
        begin = time.monotonic()
        known = attack.knowledge(KNOWN_AMOUNTS, options.seed)
        _say(
            f"The likeliest of {known.accounts} amounts stands {known.holders} times: expected"
            f" {attack.MONTHLY * known.chance:.3%} takeovers for each firm-month"
        )
        victims = options.firms * options.months * (attack.MONTHLY + 8)
        attack.fill(victims, attack.amounts(victims, options.seed))  # the first of those that were counted
        firms = attack.attackers(options.firms)
        _say(f"{victims} accounts, {len(firms)} firms of two members ({time.monotonic() - begin:.0f} s)")
        with clock.moving(local=False) as moved:
            played = attack.play(
                firms, time=moved, months=options.months, guess=known.guess, file_in=FILE_IN, say=_say
            )
    share = played.takeovers / played.firm_months
    right = sum(amount == known.guess for amount in attack.amounts(played.accounts, options.seed))
    _say(f"{played}")
    _say(f"{right} of the accounts that were guessed at have that amount, those met with a spent budget included")
    _say(f"{share:.4%} takeovers for each firm-month; promised: at most {MOST_TAKEOVERS:.1%}")
    return int(share > MOST_TAKEOVERS)


def answers(options: argparse.Namespace) -> int:
    with ground.prepared():
        from tests import cast as casts
        from tests.attack import answers as attack

        cast = casts.assemble()
        browser = attack.site(cast, "alice")
        asked = attack.branches(cast, browser)
        found = attack.measure(browser, asked, pairs=options.pairs, seed=options.seed, say=_say)
    for one in found:
        _say(
            f"{one.group}: {one.why}: t = {one.t:+.2f} over {one.pairs} pairs, medians"
            f" {one.difference:+.1f} of {one.median:.0f} microseconds"
        )
    return int(any(abs(one.t) >= attack.LEAK for one in found))


def kills(options: argparse.Namespace) -> int:
    """The worker and PostgreSQL, at random instants of a run; then real workers; then loads of a register."""
    with ground.prepared(mortal=True) as cluster, tempfile.TemporaryDirectory() as folder:
        from tests import cast as casts
        from tests.attack import kills as attack

        deaths = attack.Deaths(cluster, casts.assemble(), blocks=options.blocks, seed=options.seed)
        _say(f"An undisturbed run of {options.blocks} blocks takes {deaths.seconds:.1f} s")
        reached = [deaths.worker() for _ in range(options.kills)]
        _say(f"worker killed {len(reached)} times, in {len(set(reached))} different blocks: 0 lost, 0 doubled")
        met = [deaths.postgres() for _ in range(options.crashes)]
        _say(f"PostgreSQL killed {len(met)} times, {sum(met)} of them under the worker: 0 lost, 0 doubled")
        took = [deaths.takeover() for _ in range(options.takeovers)]
        _say(f"taken over by another worker after {', '.join(f'{seconds:.1f}' for seconds in took)} s")
        loads = attack.Loads(Path(folder), accounts=options.accounts, seed=options.seed)
        whole = [loads.killed() for _ in range(options.loads)]
        _say(
            f"load of {options.accounts} accounts killed {len(whole)} times, with {min(whole, default=0)} to"
            f" {max(whole, default=0)} of 5 files in: the register as loaded undisturbed"
        )
    return int(max(took, default=0) > TAKEN_OVER)


def full_disk(options: argparse.Namespace) -> int:
    """On a volume of its own, which only root can make: in a name space that ends with the process."""
    if not options.volume:
        if os.geteuid() or not shutil.which("unshare"):
            _say("full disk: skipped, since only root can mount a volume of its own")
            return 0
        with tempfile.TemporaryDirectory(prefix="portefeuille-attack-volume-") as folder:
            again = [sys.executable, "-m", "tests.attack", *sys.argv[1:], "--volume", folder]
            mounted = f'mount -t tmpfs -o size={_VOLUME},mode=755 tmpfs "$0" || exit 99; exec "$@"'
            code = subprocess.run(["unshare", "-m", "sh", "-c", mounted, folder, *again], check=False).returncode
            if code == 99:
                _say("full disk: skipped, since no volume can be mounted here")
                return 0
            return code
    volume = Path(options.volume)
    with ground.prepared(mortal=True, volume=volume) as cluster:
        from tests import cast as casts
        from tests.attack import kills as attack

        deaths = attack.Deaths(cluster, casts.assemble(), blocks=options.blocks, seed=options.seed)
        met = [deaths.disk(volume) for _ in range(options.full_disks)]
        _say(f"disk full {len(met)} times, {sum(met)} of them met by the worker: 0 lost, 0 doubled")
    return 0


def _say(text: str) -> None:
    print(text, flush=True)
