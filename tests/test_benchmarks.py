"""What is measured is what it says: a case of sixty events, and times beside a baseline."""

from benchmarks.lives import SIZE, case_of
from benchmarks.measure import medians
from domain.tolerance.case import ToleranceCase
from domain.tolerance.state import Stage


def test_the_measured_case_has_sixty_events_and_is_still_to_be_decided() -> None:
    events = case_of()
    case = ToleranceCase.project(None, events)
    assert (len(events), case and case.stage) == (SIZE, Stage.VERIFIED)
    assert case is not None
    assert [each.state for each in case.obligations.open()]


def test_a_baseline_is_one_to_itself_and_stands_first() -> None:
    ran: list[str] = []
    rows = [
        *medians(
            "范围",
            baseline=("基准", lambda: ran.append("b")),
            measured={"项目": lambda: ran.append("m")},
            rounds=3,
        )
    ]
    assert next((row.what, row.ratio == 1) for row in rows) == ("基准", True)
    assert ran == ["b", "m"] * 4  # once for the caches, then in turn
