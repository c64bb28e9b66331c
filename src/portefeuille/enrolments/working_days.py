"""Working days in France, and the last instant of a client's answer. Pure: dates in, dates out.

The days off are those of the Code du travail, article L3133-1: eleven a year for the whole country. The two more of
Alsace-Moselle and those of the overseas départements are not among them: there the client has a day more on paper than
in life, never less than what we said, since the day itself is written in the message.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

#: How many working days a client has to answer.
ANSWER_DAYS = 10
_PARIS = ZoneInfo("Europe/Paris")
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
#: Easter Monday, Ascension, Whit Monday: days after Easter Sunday.
_AFTER_EASTER = (1, 39, 50)


def easter(year: int) -> date:
    """Easter Sunday of a Gregorian year (the computus of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=16)
def days_off(year: int) -> frozenset[date]:
    """The eleven legal days off of a year."""
    sunday = easter(year)
    return frozenset(date(year, month, day) for month, day in _FIXED) | frozenset(
        sunday + timedelta(days=days) for days in _AFTER_EASTER
    )


def is_working(day: date) -> bool:
    """Monday to Friday, days off excepted («jours ouvrés»)."""
    return day.weekday() < 5 and day not in days_off(day.year)


def answer_until(asked: datetime) -> datetime:
    """The last instant, in Paris, of the tenth working day after the day of ``asked`` (an aware moment)."""
    day = asked.astimezone(_PARIS).date()
    left = ANSWER_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_working(day)
    return datetime.combine(day, time.max, _PARIS)
