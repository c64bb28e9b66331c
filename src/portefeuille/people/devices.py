"""Which browser somebody uses, in the words that they would use themselves, and whether they used it before.

A browser that somebody has signed in with keeps a sealed cookie that says so; without it, they are told by e-mail.
"""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from portefeuille.people.models import User
from portefeuille.people.telling import News, tell
from portefeuille.sealing import seal, unseal

_PURPOSE = "device"
_SECONDS = 365 * 86400
#: As many people as share one browser; who comes after pushes the first out.
_PEOPLE = 8

# The first that is found is the one: the later ones claim to be the earlier ones, or are claimed by them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
UNKNOWN = "Navigateur inconnu"


def described(user_agent: str) -> str:
    """«Firefox sur Windows»: words of ours only, whatever the browser says of itself."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), UNKNOWN)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} sur {system}" if system else browser


def greet(request: HttpRequest, person: User) -> None:
    """Tell a person who signs in from a browser that they never used; from now on it is one of theirs.

    Asked before the sign-in is noted: the very first one is no news.
    """
    known = _people(request)
    if person.uid.hex not in known and person.last_login is not None:
        with transaction.atomic():
            browser = described(request.headers.get("User-Agent", ""))
            tell(person, News.NEW_DEVICE, browser=browser, at=timezone.now())
    others = [uid for uid in known if uid != person.uid.hex]
    value = seal(_PURPOSE, " ".join([*others[1 - _PEOPLE :], person.uid.hex]).encode())
    request.device_cookie = value  # type: ignore[attr-defined]


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give the browser the cookie that ``greet`` made, if it did."""
    value = getattr(request, "device_cookie", None)
    if value is not None:
        response.set_cookie(
            settings.DEVICE_COOKIE_NAME,
            value,
            max_age=_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _people(request: HttpRequest) -> list[str]:
    content = unseal(_PURPOSE, request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), seconds=_SECONDS)
    return [] if content is None else content.decode().split()
