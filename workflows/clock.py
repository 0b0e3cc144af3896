"""What time it is: the machine's own, or, for scenarios, a time that is moved by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """`ahead`: how far legal time runs before the machine's; `jump`: how often that was changed.

    Both are zero wherever real cases are handled.
    """

    @property
    def ahead(self) -> timedelta: ...

    @property
    def jump(self) -> int: ...

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock, in UTC."""

    ahead = timedelta(0)
    jump = 0

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class DrivenClock:
    """Runs at the machine's pace from wherever it was last set; never backwards."""

    ahead: timedelta = timedelta(0)
    jump: int = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def jump_to(self, instant: datetime) -> None:
        if self.jump and instant <= self.now():
            return
        self.ahead = instant - datetime.now(UTC)
        self.jump += 1
