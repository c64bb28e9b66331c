"""How passwords are kept, and which are refused.

Kept with Argon2id and OWASP's figures for a server that many people share. Refused as the CNIL (délibération
2022-100) and the ANSSI (guide of 2021) would have it: too short, or known to whoever guesses. Nothing is asked of its
composition, and nobody has to change it by a date.
"""

import re
import unicodedata

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from portefeuille.people.models import User

SHORTEST, LONGEST = 12, 128


class Argon2idHasher(Argon2PasswordHasher):
    """Two passes over 19 MiB, one lane: some 20 ms of one core, little enough memory for many at once."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


class LongEnough:
    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < SHORTEST:
            said = f"Le mot de passe a au moins {SHORTEST} caractères\u00a0: quatre mots au hasard conviennent."
            raise ValidationError(said_in(said, f"It must have at least {SHORTEST} characters."))
        if len(password) > LONGEST:
            said = f"Le mot de passe a {LONGEST} caractères au plus."
            raise ValidationError(said_in(said, f"It must have at most {LONGEST} characters."))

    def get_help_text(self) -> str:
        return f"{SHORTEST} caractères au moins. Quatre mots au hasard se retiennent bien."


class NotKnownBad(CommonPasswordValidator):
    """Refuses what a list of the most used says, with or without digits and marks around it, and what the context
    tells: the site's words, the body's, the person's own."""

    _ROWS = (
        "azertyuiopqsdfghjklmwxcvbn",
        "qwertyuiopasdfghjklzxcvbnm",
        "abcdefghijklmnopqrstuvwxyz",
        "0123456789",
    )
    _SITE = ("portefeuille", "urssaf", "cabinet", "comptable", "motdepasse", "password", "azerty", "qwerty", "bonjour")
    #: What must be left of a password when such words are taken out: fewer letters are soon tried.
    _LEFT = 8

    def validate(self, password: str, user: User | None = None) -> None:
        plain = _plain(password)
        core = plain.strip("0123456789!?.,;:-_*+#@$&/= ")
        if {plain, plain.replace(" ", ""), core} & self.passwords or self._is_drawn(plain):
            said = "Ce mot de passe est trop connu\u00a0: choisissez quatre mots au hasard."
            raise ValidationError(said_in(said, "It is too well known."))
        rest = self._without_context(plain, user)
        if rest != plain and len(re.sub(r"[\W_]", "", rest)) < self._LEFT:
            said = "Ce mot de passe se devine d'après votre nom, votre adresse ou ce site\u00a0: prenez d'autres mots."
            raise ValidationError(said_in(said, "It can be guessed from the name, the address or this site."))

    def _is_drawn(self, plain: str) -> bool:
        """Whether it is a few characters again and again, or a walk along the keyboard or the alphabet."""
        if len(set(plain)) < 5:
            return True
        steps = set()
        for row in self._ROWS:
            steps |= {row[place : place + 2] for place in range(len(row) - 1)}
        steps |= {step[::-1] for step in steps}
        pairs = [plain[place : place + 2] for place in range(len(plain) - 1)]
        return sum(pair in steps for pair in pairs) > len(pairs) * 0.75

    def _without_context(self, plain: str, user: User | None) -> str:
        words = {*self._SITE, *_words(settings.BODY_NAME)}
        if user is not None:
            words |= _words(user.email) | _words(user.full_name)
        for word in sorted(words, key=len, reverse=True):
            plain = plain.replace(word, "")
        return plain

    def get_help_text(self) -> str:
        return ""


def _plain(text: str) -> str:
    """In small letters without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def _words(text: str) -> set[str]:
    return {word for word in re.split(r"[\W_\d]+", _plain(text)) if len(word) >= 4}


def said_in(french: str, english: str) -> str:
    """In French for whoever uses the site, in English for who runs a command."""
    return english if get_language() == "en" else french
