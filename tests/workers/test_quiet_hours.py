"""Quiet hours to the second, within a day and across midnight, in the civil time of China."""

from datetime import UTC, datetime, time

import pytest

from domain.law.calendar import CHINA
from workers.quiet_hours import QuietHours

NIGHT = QuietHours(time(22), time(7))
NOON = QuietHours(time(12), time(13, 30))


def at(told: str) -> datetime:
    return datetime.fromisoformat(told).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-09-30T21:59:59.999999", None),
        ("2026-09-30T22:00:00", "2026-10-01T07:00:00"),
        ("2026-09-30T23:59:59", "2026-10-01T07:00:00"),
        ("2026-10-01T00:00:00", "2026-10-01T07:00:00"),
        ("2026-10-01T06:59:59", "2026-10-01T07:00:00"),
        ("2026-10-01T07:00:00", None),
        ("2026-12-31T22:00:00", "2027-01-01T07:00:00"),
    ],
)
def test_a_night_runs_across_midnight(now: str, until: str | None) -> None:
    assert NIGHT.until(at(now)) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-09-30T11:59:59", None),
        ("2026-09-30T12:00:00", "2026-09-30T13:30:00"),
        ("2026-09-30T13:29:59", "2026-09-30T13:30:00"),
        ("2026-09-30T13:30:00", None),
        ("2026-09-30T00:00:00", None),
    ],
)
def test_hours_within_one_day_end_on_it(now: str, until: str | None) -> None:
    assert NOON.until(at(now)) == (at(until) if until else None)


def test_it_is_night_in_china_whatever_zone_the_instant_is_told_in() -> None:
    assert NIGHT.until(datetime(2026, 9, 30, 14, tzinfo=UTC)) == at("2026-10-01T07:00:00")
    assert NIGHT.until(datetime(2026, 9, 30, 22, 30, tzinfo=UTC)) == at("2026-10-01T07:00:00")
    assert NIGHT.until(datetime(2026, 9, 30, 23, tzinfo=UTC)) is None


@pytest.mark.parametrize("words", ["22:00-07:00", " 22:00-07:00 "])
def test_hours_are_read_as_they_are_written(words: str) -> None:
    assert QuietHours.told(words) == NIGHT


@pytest.mark.parametrize("words", ["", "  "])
def test_nothing_written_is_no_quiet(words: str) -> None:
    assert QuietHours.told(words) is None


@pytest.mark.parametrize(
    "words",
    ["22-7", "22:00", "24:00-07:00", "22:60-07:00", "2200-0700", "22:00-07:00,12:00-13:00", "夜间"],
)
def test_what_cannot_be_read_is_refused_with_the_way_to_write_it(words: str) -> None:
    with pytest.raises(ValueError, match="22:00-07:00") as refusal:
        QuietHours.told(words)
    assert words in str(refusal.value)


def test_hours_without_length_are_refused() -> None:
    with pytest.raises(ValueError, match="起止相同"):
        QuietHours.told("07:00-07:00")
