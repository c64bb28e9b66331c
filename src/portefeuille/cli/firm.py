"""``portefeuille firm create``: admitting a firm with its administrator."""

import argparse
import getpass
import sys
from pathlib import Path

from portefeuille.cli import surroundings
from portefeuille.cli.database import migrate
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
    password = _password(from_stdin=options.password_stdin)
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
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email
    from django.db import IntegrityError
    from django.utils import translation

    from portefeuille.firms.actions import create_firm
    from portefeuille.people.models import User

    with translation.override("en"):
        try:
            validate_email(email)
        except ValidationError as error:
            raise Refusal("--admin-email is not an e-mail address.", 2) from error
        if len(email) > 254:
            raise Refusal("--admin-email has at most 254 characters.", 2)
        try:
            validate_password(password, User(email=email, full_name=full_name))
        except ValidationError as error:
            raise Refusal(f"The password is too weak. {' '.join(error.messages)}", 2) from error
    taken = Refusal(f"Somebody signs in with {email} already. Choose another --admin-email.", 2)
    if User.objects.filter(email__iexact=email).exists():
        raise taken
    try:
        firm = create_firm(
            actor=ACTOR, name=name, admin_email=email, admin_password=password, admin_name=full_name, siren=firm_siren
        )
    except IntegrityError as error:  # in the same instant
        raise taken from error
    return str(firm.uid)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = getpass.getpass("Password of the administrator: ")
        if getpass.getpass("The same again: ") != password:
            raise Refusal("The two passwords differ. Start again.", 2)
    else:
        raise Refusal("Nobody to ask for a password: give it on standard input with --password-stdin.", 2)
    if not password:
        raise Refusal("The password is empty.", 2)
    return password
