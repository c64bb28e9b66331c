"""``portefeuille firm create``: admitting a firm with its administrator."""

import argparse
from pathlib import Path

from portefeuille.cli import surroundings
from portefeuille.cli.database import migrate
from portefeuille.cli.persons import check_person, password_of
from portefeuille.cli.saying import Refusal, complain, say
from portefeuille.identifiers import siren
from portefeuille.identifiers.cleaning import Malformed

ACTOR = "command:firm-create"


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    firm = commands.add_parser("firm", help="firms").add_subparsers(required=True, metavar="COMMAND")
    create = firm.add_parser("create", help="make a firm and its administrator, who can sign in at once")
    create.add_argument("--name", required=True, help="the firm's name")
    create.add_argument("--admin-email", required=True, help="what the administrator signs in with")
    create.add_argument("--admin-name", default="", help="the administrator's full name")
    create.add_argument("--siren", default="", help="the firm's own Siren")
    create.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input instead of asking for it"
    )
    create.add_argument("--data", type=Path, help="data folder (default: DATABASE_URL, else ./var/demo)")
    create.set_defaults(run=run_create)


def run_create(options: argparse.Namespace) -> int:
    password = password_of("the administrator", from_stdin=options.password_stdin)
    name = " ".join(options.name.split())
    if not name or len(name) > 160:
        raise Refusal("--name has 1 to 160 characters.", 2)
    if len(options.admin_name) > 120:
        raise Refusal("--admin-name has at most 120 characters.", 2)
    try:
        firm_siren = siren.parse(options.siren) if options.siren else ""
    except Malformed as error:
        raise Refusal(f"--siren: {error}", 2) from error
    with surroundings.of(options.data, surroundings.DEMO_FOLDER) as around:
        around.apply()
        if around.cluster is not None:
            migrate(complain)
        uid = _create(name, firm_siren, options.admin_email.strip(), options.admin_name.strip(), password)
        from django.conf import settings

        say(f"{settings.SITE_ADDRESS}/cabinets/{uid}/")
    return 0


def _create(name: str, firm_siren: str, email: str, full_name: str, password: str) -> str:
    from django.db import IntegrityError

    from portefeuille.firms.actions import create_firm

    taken = check_person(email, full_name, password, option="--admin-email")
    try:
        firm = create_firm(
            actor=ACTOR, name=name, admin_email=email, admin_password=password, admin_name=full_name, siren=firm_siren
        )
    except IntegrityError as error:  # in the same instant
        raise taken from error
    return str(firm.uid)
