"""The template engine of every page, and the few words that templates may use besides Jinja's own."""

from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from jinja2 import Environment, StrictUndefined

from portefeuille.people.single_sign_on.providers import configured
from portefeuille.web.french import FrenchSpacing
from portefeuille.web.icons import icon, icon_defs, icon_use
from portefeuille.web.notices import notices

_NARROW = "\u202f"
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def siren(value: str) -> str:
    from portefeuille.identifiers.siren import show

    return show(value)


def siret(value: str) -> str:
    from portefeuille.identifiers.siret import show

    return show(value)


def account(value: str) -> str:
    from portefeuille.identifiers.account_number import show

    return show(value)


def jour(value: date) -> str:
    """«15 octobre 2026», «1er janvier 2026». A moment is taken as people in Paris live it."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    day = "1er" if value.day == 1 else str(value.day)
    return f"{day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """«15 octobre 2026 à 14 h 05», Europe/Paris."""
    local = timezone.localtime(value)
    return f"{jour(local)} à {local.hour}\u00a0h\u00a0{local.minute:02}"


def nombre(value: int) -> str:
    """«4 812», with a narrow no-break space."""
    return f"{value:,}".replace(",", _NARROW)


def pluriel(value: int, one: str, several: str = "") -> str:
    """«1 compte», «4 812 comptes»: ``{{ n|pluriel("compte") }}``; nothing is singular in French: «0 compte»."""
    word = one if -2 < value < 2 else several or f"{one}s"
    return f"{nombre(value)} {word}"


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return _address(name, args, tuple(kwargs.items()))


@lru_cache(maxsize=4096)
def _address(name: str, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> str:
    # The frame of a page alone asks for nine, the same for a whole firm.
    return reverse(name, args=args, kwargs=dict(kwargs))


def environment(**options: Any) -> Environment:
    """The environment that ``settings.TEMPLATES`` names: an undefined word in a template is an exception."""
    options.update(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=True, cache_size=-1)
    env = Environment(**options, extensions=[FrenchSpacing])  # noqa: S701 - autoescape is set above
    env.globals.update(
        url=url,
        static=cache(static),  # names of files with their digests, read once from the manifest
        icon=icon,
        icon_defs=icon_defs,
        icon_use=icon_use,
        notices=notices,
        sign_on_providers=configured,
        SITE_NAME="Portefeuille",
        BODY_NAME=settings.BODY_NAME,
        DEMO=settings.DEMO,
    )
    env.filters.update(
        siren=siren, siret=siret, account=account, jour=jour, moment=moment, nombre=nombre, pluriel=pluriel
    )
    return env
