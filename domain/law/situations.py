"""Lists of circumstances: what tolerates, exempts, mitigates or excludes, and by which logic."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import StrictBool

from domain.values import Value


class Role(StrEnum):
    """What meeting a list leads to."""

    TOLERATING = "tolerating"  # 可容错
    EXEMPTING = "exempting"  # 可免责
    MITIGATING = "mitigating"  # 可减责
    EXCLUDING = "excluding"  # 不予容错


class ConductDate(Value):
    """A circumstance only for conduct of a certain time: `before` and `since` are civil days."""

    since: date | None = None
    before: date | None = None
    confirmed: StrictBool
    interpretation: str | None = None

    def fits(self, conduct_on: date) -> bool:
        return (self.since is None or conduct_on >= self.since) and (
            self.before is None or conduct_on < self.before
        )


class Listed(Value):
    """One circumstance of a list; the label is ours, null where the source only counts it."""

    id: str
    article: str | None
    label: str | None
    catch_all: StrictBool = False  # 兜底条款
    conduct: ConductDate | None = None


class SituationList(Value):
    """A list and its logic. `match: null`: the source does not say whether any or all must hold.

    `fields`: the areas of work the list is made for (重点领域), empty for any.
    """

    id: str
    label: str | None = None
    fields: tuple[str, ...] = ()
    role: Role
    match: Literal["any", "all"] | None
    article: str | None
    confirmed: StrictBool
    items: tuple[Listed, ...]
