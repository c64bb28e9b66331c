"""``make attack``: what an attacker gets, measured. It takes hours; its figures stand in docs/security/attacks.md.

Each attack runs in a process and on a database of its own: ``python -m tests.attack takeovers``.
"""

import argparse
import subprocess
import sys

from tests.attack import running, sign_in

ATTACKS = {
    "kills": running.kills,
    "full-disk": running.full_disk,
    "takeovers": running.takeovers,
    "answers": running.answers,
    "sign-in": lambda _options: sign_in.main(),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument("attack", nargs="?", choices=ATTACKS, help="one of them; default: all, one after the other")
    parser.add_argument("--firms", type=int, default=250, help="attacking firms (default: 250)")
    parser.add_argument("--months", type=int, default=40, help="months that each attacks (default: 40)")
    parser.add_argument("--pairs", type=int, default=20_000, help="pairs of answers for each branch (default: 20000)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw of amounts and of the order of answers")
    parser.add_argument("--kills", type=int, default=100, help="deaths of the worker (default: 100)")
    parser.add_argument("--crashes", type=int, default=20, help="deaths of PostgreSQL (default: 20)")
    parser.add_argument("--takeovers", type=int, default=3, help="by real workers, 15 s each (default: 3)")
    parser.add_argument("--full-disks", type=int, default=10, help="times that no room is left (default: 10)")
    parser.add_argument("--loads", type=int, default=20, help="deaths of a load of the register (default: 20)")
    parser.add_argument("--accounts", type=int, default=3000, help="accounts of that register (default: 3000)")
    parser.add_argument("--blocks", type=int, default=3, help="blocks of the file that is worked on (default: 3)")
    parser.add_argument("--volume", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attack:
        return ATTACKS[options.attack](options)
    return max(
        subprocess.run([sys.executable, "-m", "tests.attack", name, *sys.argv[1:]], check=False).returncode
        for name in ATTACKS
    )


if __name__ == "__main__":
    sys.exit(main())
