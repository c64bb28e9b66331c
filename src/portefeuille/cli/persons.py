"""What the commands that make a person ask and check: an e-mail address of nobody's, a password that is not weak."""

import getpass
import sys

from portefeuille.cli.saying import Refusal


def password_of(whose: str, *, from_stdin: bool) -> str:
    """The password as typed, twice, or read from standard input."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = getpass.getpass(f"Password of {whose}: ")
        if getpass.getpass("The same again: ") != password:
            raise Refusal("The two passwords differ. Start again.", 2)
    else:
        raise Refusal("Nobody to ask for a password: give it on standard input with --password-stdin.", 2)
    if not password:
        raise Refusal("The password is empty.", 2)
    return password


def check_person(email: str, full_name: str, password: str, *, option: str) -> Refusal:
    """Refuse a wrong or taken address and a weak password; what to say when it is taken in the same instant.

    ``option`` is the name of the option that gave the address. Django is prepared already.
    """
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email
    from django.utils import translation

    from portefeuille.people.models import User

    with translation.override("en"):
        try:
            validate_email(email)
        except ValidationError as error:
            raise Refusal(f"{option} is not an e-mail address.", 2) from error
        if len(email) > 254:
            raise Refusal(f"{option} has at most 254 characters.", 2)
        try:
            validate_password(password, User(email=email, full_name=full_name))
        except ValidationError as error:
            raise Refusal(f"The password is too weak. {' '.join(error.messages)}", 2) from error
    taken = Refusal(f"Somebody signs in with {email} already. Choose another {option}.", 2)
    if User.objects.filter(email__iexact=email).exists():
        raise taken
    return taken
