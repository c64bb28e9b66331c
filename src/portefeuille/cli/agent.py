"""``portefeuille agent create``: the body's own people, who admit firms and help."""

import argparse
from pathlib import Path

from portefeuille.cli import surroundings
from portefeuille.cli.database import migrate
from portefeuille.cli.persons import check_person, password_of
from portefeuille.cli.saying import Refusal, complain, say

ACTOR = "command:agent-create"


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    agent = commands.add_parser("agent", help="the body's agents").add_subparsers(required=True, metavar="COMMAND")
    create = agent.add_parser("create", help="make an agent, who sets up a second factor at the first sign-in")
    create.add_argument("--email", required=True, help="what the agent signs in with")
    create.add_argument("--name", required=True, help="the agent's full name")
    create.add_argument("--may-act", action="store_true", help="the agent may change things, not only read")
    create.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input instead of asking for it"
    )
    create.add_argument("--data", type=Path, help="data folder (default: DATABASE_URL, else ./var/demo)")
    create.set_defaults(run=run_create)


def run_create(options: argparse.Namespace) -> int:
    password = password_of("the agent", from_stdin=options.password_stdin)
    name = " ".join(options.name.split())
    if not name or len(name) > 120:
        raise Refusal("--name has 1 to 120 characters.", 2)
    with surroundings.of(options.data, surroundings.DEMO_FOLDER) as around:
        around.apply()
        if around.cluster is not None:
            migrate(complain)
        _create(options.email.strip(), name, password, may_act=options.may_act)
        from django.conf import settings

        say(f"{settings.SITE_ADDRESS}/organisme/")
    return 0


def _create(email: str, name: str, password: str, *, may_act: bool) -> None:
    from django.db import IntegrityError

    from portefeuille.backoffice.actions import create_agent

    taken = check_person(email, name, password, option="--email")
    try:
        create_agent(actor=ACTOR, email=email, full_name=name, password=password, may_act=may_act)
    except IntegrityError as error:  # in the same instant
        raise taken from error
