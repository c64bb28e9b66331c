"""The parser, and what becomes of failures: known ones are told in a line with what to do, and an exit code."""

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import InterfaceError, InternalError, OperationalError, ProgrammingError

from portefeuille.cli import agent, database, demonstration, firm, letters, register, serving
from portefeuille.cli.saying import Refusal, complain
from portefeuille.config.environment import WrongSetting
from portefeuille.private_postgres import Trouble


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="portefeuille", description="The online space in which a tiers déclarant looks after its clients."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for group in (demonstration, serving, database, register, firm, agent, letters):
        group.declare(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code: 0 done, 1 not done, 2 wrongly asked, 130 or 143 stopped."""
    options = parser().parse_args(arguments)
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _stop)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except Refusal as refusal:
        complain(str(refusal))
        return refusal.status
    except (Trouble, WrongSetting, ImproperlyConfigured) as trouble:
        complain(str(trouble))
        return 1
    except (OperationalError, InterfaceError, InternalError, psycopg.OperationalError) as error:
        complain(f"PostgreSQL does not do it: {_first_line(error)}. Does it run, and is DATABASE_URL right?")
        return 1
    except ProgrammingError as error:
        if "does not exist" not in str(error):
            raise
        complain(f"The database is not up to date ({_first_line(error)}). Run «portefeuille migrate».")
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        complain(f"{error.filename}: {error.strerror}.")
        return 1
    return status


def _stop(sign: int, frame: FrameType | None) -> None:
    """The first signal unwinds the command, which tidies up after itself; later ones must not disturb that."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + sign)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
