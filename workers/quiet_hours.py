"""The hours of the night in which nothing is delivered. What has become due is due all the same.

Civil time of China, which knows no summer time; the first instant is quiet, the last is not.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self

from domain.law.calendar import CHINA

TOLD = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class QuietHours:
    """From `start` to before `end`, across midnight where `end` is the earlier of the two."""

    start: time
    end: time

    @classmethod
    def told(cls, words: str) -> Self | None:
        """Read `22:00-07:00`; None for an empty text. Raises ValueError, said to people."""
        if not words.strip():
            return None
        found = TOLD.fullmatch(words.strip())
        if found is None:
            raise ValueError(f"静默时段「{words}」读不懂，请写成 22:00-07:00 这样，或留空")
        start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
        hours = cls(time(start_hour, start_minute), time(end_hour, end_minute))
        if hours.start == hours.end:
            raise ValueError(f"静默时段「{words}」的起止相同，分不清是全天还是没有；没有请留空")
        return hours

    def until(self, now: datetime) -> datetime | None:
        """When the quiet that `now` lies in is over; None outside it."""
        here = now.astimezone(CHINA)
        if not self._quiet(here.time()):
            return None
        ends = datetime.combine(here.date(), self.end, CHINA)
        return ends if ends > here else ends + DAY

    def _quiet(self, at: time) -> bool:
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end
