"""Where each accuser stands: accusers of one matter may stand in different places."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.people import Organ


class Stage(StrEnum):
    """Of one accuser, and of the matter as a whole; only the matter is ever closed."""

    SUSPECTED = "suspected"  # 有嫌疑
    VERIFIED = "verified"  # 已核实
    AWAITING_APPROVAL = "awaiting_approval"  # 报批中，含已经获准而尚未认定
    DETERMINED = "determined"  # 已认定
    DISPOSED = "disposed"  # 已处置
    CLOSED = "closed"  # 已了结
    MISTAKEN = "mistaken"  # 属错告
    UNFOUNDED = "unfounded"  # 不成立


FURTHEST = (  # the furthest first: where the matter stands among accusers who stand apart
    Stage.DISPOSED,
    Stage.DETERMINED,
    Stage.AWAITING_APPROVAL,
    Stage.VERIFIED,
    Stage.SUSPECTED,
    Stage.MISTAKEN,
    Stage.UNFOUNDED,
)


@dataclass
class Accuser:
    """One accuser by number: what was found, who was asked to approve and what came of it."""

    number: int
    identity_digest: str
    stage: Stage = Stage.SUSPECTED
    found: dict[str, bool | None] = field(default_factory=dict)
    asked: Organ | None = None  # and has not answered
    granted_by: Organ | None = None
    refused: bool = False  # whoever must approve has said no to these findings
    educated_on: date | None = None
    disposed_on: date | None = None
    handed_to: dict[str, date] = field(default_factory=dict)  # organ → when

    @property
    def settled(self) -> bool:
        """Nothing is left to be done about them."""
        if self.stage is Stage.MISTAKEN:
            return self.educated_on is not None
        return self.stage in (Stage.DISPOSED, Stage.UNFOUNDED)

    def verified(self, found: dict[str, bool | None]) -> None:
        """Whatever was asked or granted before was asked and granted on other findings."""
        self.stage, self.found = Stage.VERIFIED, found
        self.asked, self.granted_by, self.refused = None, None, False


def furthest(accusers: list[Accuser]) -> Stage:
    """Where the matter stands: with the furthest of those not settled, else of them all."""
    open_ = [each for each in accusers if not each.settled]
    return min((each.stage for each in open_ or accusers), key=FURTHEST.index)
