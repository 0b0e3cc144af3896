"""身份归并: two numbers found to be one person's. It cannot be undone.

Histories keep the number they were written with; figures count the number kept, from the position
of the merger on.
"""

from uuid import NAMESPACE_URL, UUID, uuid5

from domain.aggregate import Act, Book, Event, Explained, Order
from domain.guards import require_authority_shown
from domain.refusals import Code, Refusal
from domain.values import Text

IDENTITIES: UUID = uuid5(NAMESPACE_URL, "urn:rongcuo:identities")  # the one stream


class IdentitiesMerged(Event, topic="identities.merged.v1", term="身份归并"):
    """`merged` is given up, `kept` stands for the person from here on."""

    merged: str
    kept: str
    explanation: str


class MergeIdentities(Explained, name="merge_identities", label="归并身份"):
    merged: Text
    kept: Text


ACTS: tuple[type[Act], ...] = (MergeIdentities,)


class Identities(Book):
    """`kept_for`: every number given up, and the one that now stands for it."""

    def __init__(self, id: UUID = IDENTITIES) -> None:
        super().__init__(id)
        self.kept_for: dict[str, str] = {}

    def merge_identities(self, act: MergeIdentities, order: Order) -> None:
        """归并: on an approval shown; both numbers must still stand for themselves."""
        require_authority_shown(act, order)
        if act.merged == act.kept:
            raise Refusal(
                Code.MALFORMED,
                asked=act.label,
                obstacle=f"归并的和保留的是同一编号 {act.kept}",
                way_out="请写明另一个编号",
            )
        for number in (act.merged, act.kept):
            if number in self.kept_for:
                raise Refusal(
                    Code.ALREADY_DONE,
                    asked=act.label,
                    obstacle=f"{number} 已并入 {self.kept_for[number]}",
                    way_out=f"请改用 {self.kept_for[number]}",
                )
        self.record(IdentitiesMerged, order, **dict(act))

    def evolve(self, event: Event) -> None:
        match event:
            case IdentitiesMerged(merged=merged, kept=kept):
                for number in self.stood_for_by(merged):
                    self.kept_for[number] = kept

    def stood_for_by(self, number: str) -> tuple[str, ...]:
        """A number, and those given up for it."""
        return (number, *(each for each, kept in self.kept_for.items() if kept == number))
