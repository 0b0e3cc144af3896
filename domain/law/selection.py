"""Which edition of an instrument a case stands on (新旧办法的适用)."""

from collections.abc import Iterable
from datetime import date

from domain.law.policy import Policy, SelectedBy

CALLED = {
    SelectedBy.CONDUCT: "行为发生之日",
    SelectedBy.ACCOUNTABILITY: "启动问责之日",
    SelectedBy.APPLICATION: "申请或同步启动之日",
}


class NoEdition(LookupError):  # noqa: N818 (an answer to a question, not an error of ours)
    """No edition fits; `obstacle` says why, `way_out` what would help."""

    def __init__(self, obstacle: str, way_out: str) -> None:
        self.obstacle = obstacle
        self.way_out = way_out
        super().__init__(f"{obstacle}。{way_out}")


def edition_for(
    editions: Iterable[Policy],
    *,
    conduct_on: date | None,
    accountability_on: date | None,
    applied_on: date,
) -> Policy:
    """Give the newest edition in force on the day by which it is selected.

    Each edition's own transition says which day that is. An edition whose entry into force no
    source tells cannot be ruled out. NoEdition when none holds, or when the deciding day is not
    known.
    """
    days = {
        SelectedBy.CONDUCT: conduct_on,
        SelectedBy.ACCOUNTABILITY: accountability_on,
        SelectedBy.APPLICATION: applied_on,
    }
    tried: list[str] = []
    for edition in sorted(editions, key=lambda each: each.edition, reverse=True):
        named = edition.transition.selected_by
        day = days[named]
        if day is None:
            raise NoEdition(
                f"{edition.reference} 按{CALLED[named]}选用，而这一天未填",
                f"请填写{CALLED[named]}",
            )
        if edition.in_force.holds_on(day):
            return edition
        tried.append(f"{edition.reference} 不适用于 {day}（{CALLED[named]}，{_lasting(edition)}）")
    raise NoEdition("；".join(tried) or "没有可选的版次", "请核对日期，或选用当时施行的办法")


def _lasting(edition: Policy) -> str:
    """`2022-07 起施行，2024-12-31 止`, as far as it is known."""
    since, until = edition.in_force.since, edition.in_force.until
    told = [f"{since} 起施行"] if since else ["施行日期未见"]
    return "，".join([*told, *([f"{until} 止"] if until else [])])
