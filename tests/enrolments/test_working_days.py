"""Ten working days: around holidays, weekends, years and the change of hour."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portefeuille.enrolments.working_days import answer_until, days_off, easter, is_working

PARIS = ZoneInfo("Europe/Paris")


# Of the table of the Bureau des longitudes.
@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2019, date(2019, 4, 21)), (2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)), (2028, date(2028, 4, 16)), (2038, date(2038, 4, 25)), (2285, date(2285, 3, 22)),
    ],
)  # fmt: skip
def test_easter(year: int, day: date) -> None:
    assert easter(year) == day


def test_the_eleven_days_of_2026() -> None:
    assert sorted(days_off(2026)) == [
        date(2026, 1, 1), date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 14), date(2026, 5, 25),
        date(2026, 7, 14), date(2026, 8, 15), date(2026, 11, 1), date(2026, 11, 11), date(2026, 12, 25),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "last_day"),
    [
        ("2026-11-02 09:00", "2026-11-17"),  # a Monday; 11 November is off
        ("2026-11-25 23:59", "2026-12-09"),  # a Wednesday, in its last minute
        ("2026-11-28 10:00", "2026-12-11"),  # a Saturday counts for nothing
        ("2026-12-18 18:00", "2027-01-05"),  # Christmas and New Year, both Fridays
        ("2026-04-30 12:00", "2026-05-19"),  # 1 and 8 May, Ascension Thursday
        ("2026-05-07 12:00", "2026-05-26"),  # 8 May, Ascension, Whit Monday
        ("2026-03-20 12:00", "2026-04-03"),  # over the change to summer time
        ("2026-10-20 12:00", "2026-11-03"),  # over the change to winter time
        ("2024-03-29 12:00", "2024-04-15"),  # before an Easter that is early
    ],
)
def test_the_last_day(asked: str, last_day: str) -> None:
    until = answer_until(datetime.fromisoformat(asked).replace(tzinfo=PARIS))
    assert until.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S.%f") == f"{last_day} 23:59:59.999999"


def test_the_day_is_that_of_paris() -> None:
    # 25 November in London is the 26th in Paris already.
    assert answer_until(datetime(2026, 11, 25, 23, 30, tzinfo=UTC)).date() == date(2026, 12, 10)


def test_the_hour_is_that_of_the_last_day() -> None:
    assert answer_until(datetime(2026, 3, 20, 12, tzinfo=PARIS)).astimezone(UTC).hour == 21
    assert answer_until(datetime(2026, 10, 20, 12, tzinfo=PARIS)).astimezone(UTC).hour == 22


@given(
    st.dates(date(2020, 1, 1), date(2100, 1, 1)).map(
        lambda day: datetime(day.year, day.month, day.day, 12, tzinfo=PARIS)
    )
)
def test_ten_working_days_lie_between_and_the_last_is_one(asked: datetime) -> None:
    first, last = asked.date(), answer_until(asked).date()
    between = [date.fromordinal(n) for n in range(first.toordinal() + 1, last.toordinal() + 1)]
    assert sum(map(is_working, between)) == 10
    assert is_working(last)
