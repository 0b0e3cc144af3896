"""影响期台账: how long a sanction lasts, how several add up, what ends by itself, who is told."""

from datetime import date
from typing import Any

import pytest

from domain.aggregate import Act
from domain.impact import acts
from domain.impact.events import LineRecounted, PeriodEnded, SanctionEntered
from domain.impact.instrument import ImpactInstrument
from domain.impact.matter import ImpactLedger, Stage
from domain.impact.particulars import Track
from domain.law.status_periods import EndRule
from domain.law.time_limits import TimeLimits
from domain.obligations import ObligationReminded, State
from domain.people import SYSTEM
from domain.refusals import Code
from domain.registry import folded
from projections.counted.countable import Countable
from projections.counted.impact import counted
from projections.sentences import sentence
from tests.support.siblings import BUREAU, COUNTY, FIRM, WU, ZHENG, Life, asked, begun, rulebook

PARTY_RULE, GOVERNMENT_RULE = "《纪律处分条例》第二十一条", "《政务处分法》第十五条"
ENDS_OF_ITSELF = "《政务处分法》第二十六条"
SICHUAN = COUNTY.model_copy(update={"region": "511500"})


def on(day: str) -> date:
    return date.fromisoformat(day)


def opened(day: str = "2024-01-02", **more: Any) -> Life:
    facts = {"number": WU.id, "organ": COUNTY, "subjects": (WU,), **more}
    return begun(acts.OpenLedger(**facts), "impact_national", on=day)


def sanction(
    day: str, named: str = "warning", track: Track = Track.PARTY, **more: Any
) -> acts.EnterSanction:
    facts = {"decided_by": "某县纪委", "source": f"党处〔{day}〕", **more}
    return acts.EnterSanction(track=track, sanction=named, effective_on=on(day), **facts)


def government(day: str, named: str = "warning", **more: Any) -> acts.EnterSanction:
    facts = {"decided_by": "某县监委", "source": f"政处〔{day}〕", **more}
    return sanction(day, named, Track.GOVERNMENT, **facts)


def measure(day: str, named: str, **more: Any) -> acts.EnterSanction:
    facts = {"decided_by": "某县委", "source": f"组〔{day}〕", **more}
    return sanction(day, named, Track.ORGANIZATIONAL, **facts)


def with_lines(*entered: acts.EnterSanction, day: str = "2024-01-02") -> Life:
    life = opened(day)
    for each in entered:
        life.when(each, on=f"{max(each.effective_on, on(day))}")
        assert life.refusal is None, life.refusal
    return life


def stage(life: Life) -> object:
    return life.matter.at


def ledger(life: Life) -> ImpactLedger:
    assert isinstance(life.matter, ImpactLedger)
    return life.matter


def entered(life: Life) -> SanctionEntered:
    (event,) = (each for each in life.news if isinstance(each, SanctionEntered))
    return event


def recounted(life: Life) -> list[LineRecounted]:
    return [each for each in life.news if isinstance(each, LineRecounted)]


def ended(life: Life) -> list[PeriodEnded]:
    return [each for each in life.news if isinstance(each, PeriodEnded)]


def withdraw(item: int) -> acts.WithdrawSanction:
    return acts.WithdrawSanction(item=item, decision="复查〔2024〕1号", explanation="事实不清")


NOTIFY = acts.NotifyUsable(to="某县委组织部")

# --- one ledger for each person ---------------------------------------------------------------


def test_a_ledger_opens_for_one_person_and_nothing_runs() -> None:
    life = opened().then("impact.opened", number=WU.id)
    assert (stage(life), life.matter.is_open) == (Stage.CLEAR, True)
    assert ledger(life).all_over_on(on("2024-01-02"))
    assert ledger(life).ends_on is None


@pytest.mark.parametrize(
    ("number", "subjects"),
    [
        (WU.id, ()),
        (WU.id, (WU, ZHENG)),
        (WU.id, (ZHENG,)),
        ("台账1", (WU,)),
        (FIRM.id, (FIRM,)),  # no organization has an impact period
    ],
)
def test_a_ledger_is_of_one_person_and_has_their_number(number: str, subjects: Any) -> None:
    opening = acts.OpenLedger(number=number, organ=COUNTY, subjects=subjects)
    asked(opening, "impact_national", on="2024-01-02").refused(Code.MALFORMED, because=number)


# --- the length of one ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("track", "named", "months", "last_day", "confirmed"),
    [
        (Track.PARTY, "warning", 12, "2025-03-09", True),
        (Track.PARTY, "serious_warning", 18, "2025-09-09", True),
        (Track.PARTY, "serious_warning_in_lieu", 24, "2026-03-09", False),
        (Track.PARTY, "removal_from_post", 24, "2026-03-09", True),
        (Track.PARTY, "expulsion", 60, "2029-03-09", True),
        (Track.GOVERNMENT, "warning", 6, "2024-09-09", True),
        (Track.GOVERNMENT, "demerit", 12, "2025-03-09", True),
        (Track.GOVERNMENT, "major_demerit", 18, "2025-09-09", True),
        (Track.GOVERNMENT, "demotion", 24, "2026-03-09", True),
        (Track.GOVERNMENT, "dismissal", 24, "2026-03-09", True),
        (Track.ORGANIZATIONAL, "transfer", 12, "2025-03-09", False),
        (Track.ORGANIZATIONAL, "ordered_resignation", 24, "2026-03-09", False),
        (Track.ORGANIZATIONAL, "removal", 24, "2026-03-09", False),
        (Track.ORGANIZATIONAL, "demotion", 24, "2026-03-09", False),
        (Track.ADMONITION, "admonition", 6, "2024-09-09", False),
    ],
)
def test_each_lasts_as_long_as_the_table_says_from_the_day_of_effect(
    track: Track, named: str, months: int, last_day: str, *, confirmed: bool
) -> None:
    life = opened().when(sanction("2024-03-10", named, track), on="2024-03-12")
    life.then(
        "impact.sanction-entered",
        item=1,
        months=months,
        counted_from=on("2024-03-10"),
        last_day=on(last_day),
        rest_until=None,
        into=None,
        awaited=True,
        confirmed=confirmed,
    )
    assert stage(life) is Stage.RUNNING
    duty = life.duty("line")
    assert (duty.obligation.due_on, duty.obligation.start) == (on(last_day), on("2024-03-10"))


@pytest.mark.parametrize(
    ("track", "articles"),
    [
        (Track.PARTY, ("《纪律处分条例》",)),
        (Track.GOVERNMENT, ("《政务处分法》第八条",)),
    ],
)
def test_a_single_sanction_cites_where_its_length_stands(
    track: Track, articles: tuple[str, ...]
) -> None:
    life = opened().when(sanction("2024-03-10", track=track), on="2024-03-10")
    assert entered(life).envelope.articles == articles


def test_the_last_day_follows_the_reading_of_the_instrument() -> None:
    life = opened()
    instrument: ImpactInstrument = life.rules.instrument
    other = instrument.end_rule.model_copy(update={"rule": EndRule.CORRESPONDING_DAY})
    read = instrument.model_copy(update={"end_rule": other})
    life.rules = TimeLimits(read, life.rules.calendar)
    life.when(sanction("2024-03-10"), on="2024-03-10")
    assert entered(life).last_day == on("2025-03-10")


@pytest.mark.parametrize("named", ["记过", "demerit", "admonition"])
def test_what_the_table_of_the_track_lacks_is_refused(named: str) -> None:
    life = opened().when(sanction("2024-03-10", named), on="2024-03-10")
    life.refused(Code.UNKNOWN_ITEM, because=named)


@pytest.mark.parametrize(("day", "taken"), [("2024-03-11", True), ("2024-03-12", False)])
def test_nothing_takes_effect_after_it_is_entered(day: str, *, taken: bool) -> None:
    life = opened().when(sanction(day), on="2024-03-11")
    if taken:
        life.then("impact.sanction-entered")
    else:
        life.refused(Code.DATE_IN_FUTURE, because=day, article="《纪律处分条例》")


# --- which months may be chosen ---------------------------------------------------------------


@pytest.mark.parametrize("months", [11, 13])
def test_a_fixed_length_cannot_be_changed(months: int) -> None:
    life = opened().when(sanction("2024-03-10", months=months), on="2024-03-10")
    life.refused(Code.MONTHS_NOT_ALLOWED, because="12 个月", article="《纪律处分条例》")
    life.when(sanction("2024-03-10", months=12), on="2024-03-10").then("impact.sanction-entered")


@pytest.mark.parametrize(("months", "taken"), [(None, False), (1, True), (6, True), (7, False)])
def test_a_measure_with_a_bound_must_be_given_months_within_it(
    months: int | None, *, taken: bool
) -> None:
    life = opened().when(measure("2024-03-10", "suspension", months=months), on="2024-03-10")
    if taken:
        life.then("impact.sanction-entered", months=months)
    else:
        life.refused(
            Code.MONTHS_NOT_ALLOWED, because="1 至 6 个月", article="《组织处理规定（试行）》"
        )


@pytest.mark.parametrize(
    ("deserved", "months", "taken"),
    [
        (("demerit", "demerit"), 11, False),
        (("demerit", "demerit"), 12, True),
        (("demerit", "demerit"), 24, True),
        (("demerit", "demerit"), 25, False),
        (("demerit", "demerit"), None, False),  # a choice that only the organ can make
        (("demerit", "warning", "warning"), None, True),  # one that is heaviest: no choice
        (("demerit", "warning"), 13, False),
        (("demerit",) * 5, 48, True),
        (("demerit",) * 5, 49, False),  # 60 in all, and never more than 48
    ],
)
def test_several_violations_at_once_leave_a_choice_up_to_their_sum_and_the_cap(
    deserved: tuple[str, ...], months: int | None, *, taken: bool
) -> None:
    act = government("2024-03-10", "demerit", deserved=deserved, months=months)
    life = opened().when(act, on="2024-03-10")
    if taken:
        life.then("impact.sanction-entered", months=months or 12, deserved=deserved)
        assert GOVERNMENT_RULE in entered(life).envelope.articles
    else:
        life.refused(Code.MONTHS_NOT_ALLOWED, article=GOVERNMENT_RULE)


def test_of_several_violations_the_heaviest_sanction_is_the_one_carried_out() -> None:
    act = government("2024-03-10", "demotion", deserved=("dismissal", "demotion"))
    opened().when(act, on="2024-03-10").refused(
        Code.FINDINGS_CONTRADICT, because="政务撤职", article=GOVERNMENT_RULE
    )


def test_what_a_violation_deserves_must_stand_in_the_table_too() -> None:
    act = government("2024-03-10", "demerit", deserved=("demerit", "expulsion"))
    opened().when(act, on="2024-03-10").refused(Code.UNKNOWN_ITEM, because="expulsion")


def test_only_government_sanctions_are_fixed_within_a_range_for_several_violations() -> None:
    act = sanction("2024-03-10", deserved=("warning", "warning"), months=18)
    opened().when(act, on="2024-03-10").refused(Code.NOT_PROVIDED)


# --- the same decision ------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["warning", "serious_warning"])
def test_a_decision_imposes_one_sanction_of_a_track(named: str) -> None:
    life = with_lines(sanction("2024-03-10", source="处〔2024〕3号"))
    again = sanction("2024-03-11", named, source="处〔2024〕3号")
    life.when(again, on="2024-03-12").refused(Code.ALREADY_DONE, because="处〔2024〕3号")


def test_a_decision_may_impose_one_on_each_track() -> None:
    life = with_lines(
        sanction("2024-03-10", source="处〔2024〕3号"),
        government("2024-03-10", source="处〔2024〕3号"),
    )
    life.then("impact.sanction-entered", item=2)


def test_a_decision_may_combine_measures_but_not_repeat_one() -> None:
    life = with_lines(
        measure("2024-03-10", "transfer", source="组〔2024〕1号"),
        measure("2024-03-10", "demotion", source="组〔2024〕1号"),
    )
    assert ledger(life).ends_on == on("2026-03-09")  # the longest prevails
    life.when(measure("2024-03-10", "transfer", source="组〔2024〕1号"))
    life.refused(Code.ALREADY_DONE, because="第 1 件")


def test_a_withdrawn_entry_can_be_made_again() -> None:
    life = with_lines(sanction("2024-03-10", source="处〔2024〕3号")).when(withdraw(1))
    life.when(sanction("2024-03-10", "serious_warning", source="处〔2024〕3号"))
    life.then("impact.sanction-entered", item=2)


# --- several on one track ---------------------------------------------------------------------


def test_a_party_sanction_in_a_running_period_takes_over_what_is_left_of_it() -> None:
    life = with_lines(sanction("2024-03-10"), sanction("2024-09-10", "serious_warning"))
    new = entered(life)
    assert (new.rest_until, new.last_day, new.months) == (on("2025-03-09"), on("2026-09-09"), 18)
    assert new.envelope.articles == ("《纪律处分条例》", PARTY_RULE)
    (old,) = recounted(life)
    assert (old.item, old.into, old.last_day, old.awaited) == (1, 2, on("2025-03-09"), False)
    assert PARTY_RULE in old.envelope.articles
    assert [each.item for each in ledger(life).lines] == [2]
    assert ledger(life).ends_on == on("2026-09-09")


def test_the_replaced_line_is_waited_for_no_more() -> None:
    life = with_lines(sanction("2024-03-10"), sanction("2024-09-10"))
    first, second = (e for e in life.matter.obligations if e.obligation.rule == "line")
    assert (first.state, second.state) == (State.LAPSED, State.OPEN)
    life.until("2026-03-10")
    assert [(each.item, each.all_over) for each in ended(life)] == [(2, True)]


def test_what_is_left_has_no_cap_however_often_it_is_added_to() -> None:
    days = ("2024-03-10", "2024-06-10", "2024-09-10", "2024-12-10", "2025-03-10")
    life = with_lines(*(sanction(day, "removal_from_post") for day in days))
    assert ledger(life).ends_on == on("2034-03-09")  # ten years
    assert [each.item for each in ledger(life).lines] == [5]


@pytest.mark.parametrize(
    ("day", "last_day", "stacked"),
    [
        ("2025-03-08", "2026-03-09", True),
        ("2025-03-09", "2026-03-09", True),  # on the last day there is one day left
        ("2025-03-10", "2026-03-09", False),
    ],
)
def test_a_period_that_is_over_is_not_added_to(day: str, last_day: str, *, stacked: bool) -> None:
    life = with_lines(sanction("2024-03-10"), sanction(day))
    new = entered(life)
    assert (new.last_day, new.rest_until is not None) == (on(last_day), stacked)
    assert (recounted(life) != []) == stacked


def test_tracks_run_side_by_side_and_the_latest_ends_all() -> None:
    life = with_lines(sanction("2024-03-10"), government("2024-03-10", "dismissal"))
    assert recounted(life) == []
    assert entered(life).rest_until is None
    assert [each.item for each in ledger(life).lines] == [1, 2]
    assert ledger(life).ends_on == on("2026-03-09")


@pytest.mark.parametrize("track", [Track.GOVERNMENT, Track.ORGANIZATIONAL, Track.ADMONITION])
def test_only_party_periods_add_up(track: Track) -> None:
    named = {Track.ORGANIZATIONAL: "transfer", Track.ADMONITION: "admonition"}.get(track, "demerit")
    life = with_lines(sanction("2024-03-10", named, track), sanction("2024-06-10", named, track))
    assert entered(life).rest_until is None
    assert recounted(life) == []


def test_expulsion_is_not_added_to_what_runs() -> None:
    life = with_lines(sanction("2024-03-10"), sanction("2024-06-10", "expulsion"))
    assert (entered(life).last_day, entered(life).rest_until) == (on("2029-06-09"), None)
    assert [each.item for each in ledger(life).lines] == [1, 2]


def test_an_earlier_sanction_entered_late_is_taken_over_by_the_later_one() -> None:
    life = with_lines(sanction("2024-09-10"))
    life.when(sanction("2024-03-10"), on="2024-10-08")
    new = entered(life)
    assert (new.item, new.into, new.awaited, new.last_day) == (2, 1, False, on("2025-03-09"))
    (old,) = recounted(life)
    assert (old.item, old.rest_until, old.last_day) == (1, on("2025-03-09"), on("2026-03-09"))
    assert life.duty("line_recounted").obligation.due_on == on("2026-03-09")
    life.until("2026-03-10")
    assert [(each.item, each.all_over) for each in ended(life)] == [(1, True)]


# --- 留党察看 -----------------------------------------------------------------------------------


def test_probation_counts_from_the_day_rights_are_restored() -> None:
    life = with_lines(sanction("2024-03-10", "probation"))
    event = entered(life)
    assert (event.counted_from, event.last_day, event.awaited) == (None, None, False)
    assert list(life.matter.obligations) == []
    assert ledger(life).ends_on is None
    assert not ledger(life).all_over_on(on("2030-01-01"))
    restore = acts.RecordRestoration(item=1, restored_on=on("2025-03-10"))
    life.when(restore, on="2025-03-12")
    (line,) = recounted(life)
    assert (line.counted_from, line.last_day) == (on("2025-03-10"), on("2027-03-09"))
    assert life.duty("line_recounted").obligation.due_on == on("2027-03-09")
    life.when(restore).refused(Code.ALREADY_DONE, because="2025-03-10")


def test_probation_entered_after_the_restoration_runs_at_once() -> None:
    act = sanction("2023-03-10", "probation", restored_on=on("2024-03-10"))
    life = opened("2024-04-01").when(act)
    life.then("impact.sanction-entered", counted_from=on("2024-03-10"), last_day=on("2026-03-09"))


@pytest.mark.parametrize(
    ("named", "restored_on", "code"),
    [
        ("warning", "2024-06-10", Code.MALFORMED),
        ("probation", "2024-03-10", Code.MALFORMED),  # not on the day of effect
        ("probation", "2024-06-12", Code.DATE_IN_FUTURE),
    ],
)
def test_only_probation_restores_rights_and_later(named: str, restored_on: str, code: Code) -> None:
    act = sanction("2024-03-10", named, restored_on=on(restored_on))
    opened().when(act, on="2024-06-11").refused(code, article="《纪律处分条例》")
    life = with_lines(sanction("2024-03-10", named))
    life.when(acts.RecordRestoration(item=1, restored_on=on(restored_on)), on="2024-06-11")
    life.refused(code, article="《纪律处分条例》")


def test_what_still_runs_when_rights_are_restored_is_added() -> None:
    life = with_lines(
        sanction("2024-03-10", "removal_from_post"), sanction("2024-09-10", "probation")
    )
    assert [each.item for each in ledger(life).lines] == [1, 2]
    life.when(acts.RecordRestoration(item=2, restored_on=on("2025-09-10")), on="2025-09-10")
    assert [(e.item, e.rest_until, e.last_day, e.into) for e in recounted(life)] == [
        (1, None, on("2026-03-09"), 2),
        (2, on("2026-03-09"), on("2028-03-09"), None),
    ]


def test_of_two_that_run_the_longer_one_is_added_to() -> None:
    life = with_lines(sanction("2024-01-10", "probation"), sanction("2024-03-10"))
    life.when(acts.RecordRestoration(item=1, restored_on=on("2025-01-10")), on="2025-01-10")
    assert [each.last_day for each in ledger(life).lines] == [on("2027-01-09"), on("2025-03-09")]
    life.when(sanction("2025-02-10"), on="2025-02-10")
    assert (entered(life).rest_until, entered(life).last_day) == (
        on("2027-01-09"),
        on("2028-01-09"),
    )


def test_while_one_end_is_unknown_so_is_the_latest() -> None:
    life = with_lines(sanction("2024-03-10", "probation"), government("2024-03-10"))
    assert ledger(life).ends_on is None


# --- withdrawn --------------------------------------------------------------------------------


def test_a_withdrawn_sanction_ends_its_line() -> None:
    life = with_lines(sanction("2024-03-10")).when(withdraw(1), on="2024-06-11")
    life.then("impact.sanction-withdrawn", item=1, all_over=True)
    assert (stage(life), ledger(life).lines) == (Stage.CLEAR, [])
    assert life.duty("line").state is State.LAPSED
    assert life.until("2025-12-31").names() == []


def test_with_another_line_running_a_withdrawal_leaves_the_ledger_running() -> None:
    life = with_lines(sanction("2024-03-10"), government("2024-03-10")).when(withdraw(1))
    life.then("impact.sanction-withdrawn", all_over=False)
    assert stage(life) is Stage.RUNNING
    assert [each.item for each in ledger(life).lines] == [2]


def test_withdrawing_the_earlier_one_counts_the_later_one_anew() -> None:
    life = with_lines(sanction("2024-03-10"), sanction("2024-09-10")).when(withdraw(1))
    (line,) = recounted(life)
    assert (line.item, line.rest_until, line.last_day) == (2, None, on("2025-09-09"))
    before, after = life.duty("line"), life.duty("line_recounted")
    assert (before.state, after.state) == (State.LAPSED, State.OPEN)
    assert after.obligation.due_on == on("2025-09-09")


def test_withdrawing_the_later_one_lets_the_earlier_one_run_as_it_did() -> None:
    life = with_lines(sanction("2024-03-10"), sanction("2024-09-10")).when(withdraw(2))
    (line,) = recounted(life)
    assert (line.item, line.into, line.last_day, line.awaited) == (1, None, on("2025-03-09"), True)
    assert [(each.item, each.all_over) for each in ended(life.until("2025-03-10"))] == [(1, True)]


def test_an_earlier_line_that_had_run_out_meanwhile_ends_at_once() -> None:
    life = with_lines(sanction("2024-03-10"), sanction("2024-09-10"))
    life.until("2025-06-01").when(withdraw(2), on="2025-06-03")
    assert stage(life) is Stage.RUNNING  # until the clock has taken it down
    life.until("2025-06-03")
    assert [(each.on, each.all_over) for each in ended(life)] == [(on("2025-03-10"), True)]
    assert stage(life) is Stage.CLEAR


def test_an_end_once_recorded_is_not_recorded_again() -> None:
    """A sanction of the time comes to light after the end, and is revoked again."""
    life = with_lines(sanction("2024-03-10")).until("2025-03-10")
    life.when(sanction("2025-01-10"), on="2025-04-01").when(withdraw(2), on="2025-04-02")
    assert [each.awaited for each in recounted(life)] == [False]
    assert stage(life) is Stage.CLEAR
    assert life.until("2026-12-31").names() == []


@pytest.mark.parametrize(("item", "code"), [(1, Code.ALREADY_DONE), (2, Code.UNKNOWN_ITEM)])
def test_only_what_stands_can_be_withdrawn_or_restored(item: int, code: Code) -> None:
    life = with_lines(sanction("2024-03-10", "probation")).when(withdraw(1))
    life.when(withdraw(item)).refused(code, because=f"第 {item} 件")
    life.when(acts.RecordRestoration(item=item, restored_on=on("2024-03-10"))).refused(code)


# --- ends by itself ---------------------------------------------------------------------------


def test_a_period_ends_of_itself_the_day_after_its_last() -> None:
    life = with_lines(government("2024-03-11"))
    life.until("2024-09-10")
    assert ended(life) == []
    assert [type(each) for each in life.news] == [ObligationReminded] * 2
    life.until("2024-09-11")
    (event,) = ended(life)
    assert (event.item, event.last_day, event.on) == (1, on("2024-09-10"), on("2024-09-11"))
    assert (event.all_over, event.envelope.by) == (True, SYSTEM)
    assert event.envelope.articles == (ENDS_OF_ITSELF,)
    assert stage(life) is Stage.CLEAR
    assert life.duty("line").state is State.ELAPSED


def test_an_end_in_the_holidays_does_not_move() -> None:
    life = with_lines(government("2025-04-03"), day="2025-04-03")  # 2025-10-01 to 10-08 are off
    assert [each.on for each in ended(life.until("2025-10-31"))] == [on("2025-10-03")]


def test_the_end_of_one_line_is_not_the_end_of_all() -> None:
    life = with_lines(sanction("2024-03-10"), government("2024-03-10"))
    assert [each.all_over for each in ended(life.until("2024-09-10"))] == [False]
    assert stage(life) is Stage.RUNNING
    assert [each.all_over for each in ended(life.until("2025-03-10"))] == [True]
    assert stage(life) is Stage.CLEAR


def test_a_line_that_ends_a_day_later_has_not_ended() -> None:
    life = with_lines(sanction("2024-03-10"), government("2024-03-11", "demerit"))
    assert [each.all_over for each in ended(life.until("2025-03-10"))] == [False]
    assert [each.all_over for each in ended(life.until("2025-03-11"))] == [True]


def test_a_probation_whose_period_has_not_begun_keeps_the_others_from_being_all() -> None:
    life = with_lines(sanction("2024-03-10", "probation"), government("2024-03-10"))
    assert [each.all_over for each in ended(life.until("2024-09-10"))] == [False]


def test_lines_that_end_on_one_day_open_one_duty_to_tell() -> None:
    life = with_lines(sanction("2024-03-10"), government("2024-03-10", "demerit"))
    life.until("2025-03-10")
    assert [each.all_over for each in ended(life)] == [True, True]
    assert life.names().count("obligation.opened") == 1


def test_a_sanction_long_over_when_entered_ends_at_once() -> None:
    life = opened("2026-03-02").when(government("2024-03-11")).until("2026-03-02")
    assert [each.on for each in ended(life)] == [on("2024-09-11")]
    assert stage(life) is Stage.CLEAR


def test_an_old_sanction_ends_without_ending_one_that_runs() -> None:
    life = opened("2026-03-02").when(government("2024-03-11")).when(sanction("2026-01-05"))
    assert [each.all_over for each in ended(life.until("2026-03-02"))] == [False]


# --- may be used again ------------------------------------------------------------------------


def test_when_all_is_over_the_personnel_organ_is_told() -> None:
    life = with_lines(sanction("2024-03-10")).until("2025-03-10")
    duty = life.duty("usable_notice")
    assert (duty.state, duty.obligation.due_on) == (State.OPEN, None)  # 及时: no number
    life.when(NOTIFY, on="2025-03-11").then(
        "impact.usable-notified", to="某县委组织部", over_since=on("2025-03-10")
    )
    assert life.duty("usable_notice").state is State.MET
    life.when(NOTIFY, on="2025-03-12").refused(Code.ALREADY_DONE, because="2025-03-11")


@pytest.mark.parametrize(
    ("day", "taken"), [("2025-03-08", False), ("2025-03-09", False), ("2025-03-10", True)]
)
def test_nobody_is_told_before_every_line_has_ended(day: str, *, taken: bool) -> None:
    life = with_lines(government("2024-03-10"), sanction("2024-03-10")).when(NOTIFY, on=day)
    if taken:
        life.then("impact.usable-notified")
    else:
        life.refused(Code.WINDOW_RUNNING, because="至 2025-03-09 届满", article="《纪律处分条例》")


def test_nobody_is_told_while_rights_are_not_restored() -> None:
    life = with_lines(sanction("2024-03-10", "probation")).when(NOTIFY, on="2026-03-10")
    life.refused(Code.WINDOW_RUNNING, because="尚未恢复党员权利")


def test_without_any_sanction_there_is_nothing_to_tell() -> None:
    opened().when(NOTIFY).refused(Code.STEP_MISSING)


def test_where_every_sanction_was_revoked_it_may_be_told_at_once() -> None:
    life = with_lines(sanction("2024-03-10")).when(withdraw(1)).when(NOTIFY)
    life.then("impact.usable-notified", over_since=None)


def test_a_new_sanction_ends_the_duty_to_tell_and_opens_the_question_again() -> None:
    life = with_lines(sanction("2024-03-10")).until("2025-03-10")
    life.when(sanction("2025-03-12"), on="2025-03-12")
    assert life.duty("usable_notice").state is State.LAPSED
    life.until("2026-03-12").when(NOTIFY, on="2026-03-12").then("impact.usable-notified")
    life.when(sanction("2026-03-13"), on="2026-03-13").until("2027-03-13")
    life.when(NOTIFY, on="2027-03-15").then("impact.usable-notified", over_since=on("2027-03-13"))


def test_told_before_the_clock_came_nobody_is_told_twice() -> None:
    life = with_lines(government("2024-03-10")).when(NOTIFY, on="2024-09-10").until("2024-09-10")
    assert [(each.all_over, each.notified) for each in ended(life)] == [(True, True)]
    assert "obligation.opened" not in life.names()


# --- accountability decisions -----------------------------------------------------------------


def noted(number: str = "问〔2024〕8号", day: str = "2024-03-11") -> acts.NoteAccountability:
    return acts.NoteAccountability(
        number=number, organ=BUREAU, decided_on=on(day), forms=("通报", "诫勉")
    )


def test_an_accountability_decision_is_noted_once() -> None:
    life = opened().when(noted(), on="2024-03-12", by=SYSTEM)
    (event,) = ledger(life).accountabilities
    assert (event.number, event.organ, event.forms) == ("问〔2024〕8号", BUREAU, ("通报", "诫勉"))
    assert stage(life) is Stage.CLEAR  # a period only where a sanction is entered
    life.when(noted(), on="2024-03-12").refused(Code.ALREADY_DONE, because="问〔2024〕8号")
    life.when(noted("问〔2024〕9号"), on="2024-03-12").then("impact.accountability-noted")


def test_a_decision_is_noted_after_it_was_made() -> None:
    opened().when(noted(day="2024-03-12"), on="2024-03-11").refused(Code.DATE_IN_FUTURE)


def test_a_decision_noted_can_be_withdrawn_and_another_of_its_number_noted() -> None:
    withdrawing = acts.WithdrawAccountability(number="问〔2024〕8号", explanation="决定被撤销")
    life = opened().when(withdrawing).refused(Code.UNKNOWN_ITEM, because="没有记载")
    life.when(noted(), on="2024-03-12").when(noted("问〔2024〕9号"), on="2024-03-12")
    life.when(withdrawing).then("impact.accountability-withdrawn", number="问〔2024〕8号")
    assert [each.number for each in ledger(life).accountabilities] == ["问〔2024〕9号"]
    life.when(withdrawing).refused(Code.ALREADY_DONE, because="已经撤销")
    life.when(noted(day="2024-03-12")).then("impact.accountability-noted")


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2024-03-11", "2024-12-31", 1),
        ("2024-01-01", "2024-03-11", 1),
        ("2024-03-12", "2024-12-31", 0),
        ("2024-01-01", "2024-03-10", 0),
    ],
)
def test_decisions_are_found_by_the_day_they_were_made(start: str, end: str, found: int) -> None:
    life = opened().when(noted(), on="2024-03-12")
    assert len(ledger(life).accountabilities_within(on(start), on(end))) == found


def test_an_inquiry_is_noted_once_for_those_that_come_after() -> None:
    inquiry = acts.NoteInquiry(
        number="函询〔2024〕1号", content_keys=("工程招标",), opened_on=on("2024-03-11")
    )
    life = opened().when(inquiry, on="2024-03-10").refused(Code.DATE_IN_FUTURE)
    life.when(inquiry, on="2024-03-11", by=SYSTEM)
    assert life.names() == ["impact.inquiry-noted"]
    life.when(inquiry, on="2024-03-12").refused(Code.ALREADY_DONE, because="函询〔2024〕1号")
    other = inquiry.model_copy(update={"number": "函询〔2024〕2号"})
    life.when(other, on="2024-03-12").then("impact.inquiry-noted", content_keys=("工程招标",))
    assert [each.number for each in ledger(life).inquiries] == [inquiry.number, other.number]


# --- 复函组织部门 -------------------------------------------------------------------------------

REQUEST = acts.ReceiveReplyRequest(
    asked_by="某县委组织部", asked_on=date(2024, 1, 2), regarding="拟任某局副局长"
)


def reply(case: str = "HL-3.2", item: int = 1, *, corrected: bool = True) -> Act:
    return acts.ReplyToPersonnelOrgan(
        item=item, case=case, corrected=corrected, explanation="整改到位"
    )


def test_a_request_is_answered_promptly() -> None:
    life = opened().when(REQUEST).then("impact.reply-requested", item=1)
    assert life.news[0].envelope.articles == ("鄂纪励十二条三",)
    duty = life.duty("reply")
    assert (duty.state, duty.obligation.due_on) == (State.OPEN, None)
    life.when(reply("HL-3.1"), on="2024-01-03")
    life.then("impact.reply-sent", item=1, called="动机良好的失误，后果不严重并自觉整改")
    assert life.news[0].envelope.articles == ("鄂纪励十二条三之1",)
    assert life.duty("reply").state is State.MET


def test_a_request_is_not_dated_after_it_was_received() -> None:
    later = REQUEST.model_copy(update={"asked_on": on("2024-01-03")})
    opened().when(later, on="2024-01-02").refused(Code.DATE_IN_FUTURE)


def test_each_request_is_answered_once_and_only_it() -> None:
    life = opened().when(reply("HL-3.3")).refused(Code.UNKNOWN_REQUEST, because="没有登记")
    life.when(REQUEST).when(REQUEST).then("impact.reply-requested", item=2)
    life.when(reply("HL-3.3", item=2)).then("impact.reply-sent", item=2)
    states = [each.state for each in life.matter.obligations]
    assert states == [State.OPEN, State.MET]
    life.when(reply("HL-3.3", item=2)).refused(Code.ALREADY_DONE, because="已于 2024-01-02")


@pytest.mark.parametrize(
    ("day", "taken"), [("2025-03-08", False), ("2025-03-09", False), ("2025-03-10", True)]
)
def test_that_the_period_is_over_is_answered_only_when_it_is(day: str, *, taken: bool) -> None:
    life = with_lines(sanction("2024-03-10"), government("2024-03-10")).when(REQUEST, on=day)
    life.when(reply("HL-3.2"))
    if taken:
        life.then("impact.reply-sent")
    else:
        life.refused(Code.WINDOW_RUNNING, because="2025-03-09", article="鄂纪励十二条三之2")


def test_the_other_cases_do_not_ask_for_the_period() -> None:
    life = with_lines(sanction("2024-03-10")).when(REQUEST)
    life.when(reply("HL-3.3", corrected=False)).then("impact.reply-sent", case="HL-3.3")


def test_that_the_period_is_over_needs_a_sanction_that_had_one() -> None:
    life = opened().when(REQUEST).when(reply("HL-3.2"))
    life.refused(Code.FINDINGS_CONTRADICT, article="鄂纪励十二条三之2")


@pytest.mark.parametrize("case", ["HL-3.1", "HL-3.2"])
def test_where_the_case_asks_for_it_the_person_has_corrected(case: str) -> None:
    life = with_lines(government("2024-03-10")).when(REQUEST, on="2024-10-08")
    life.when(reply(case, corrected=False))
    life.refused(Code.CONDITIONS_UNMET, because="自觉整改", article=f"鄂纪励十二条三之{case[-1]}")


def test_there_are_three_cases_and_no_other() -> None:
    life = opened().when(REQUEST).when(reply("HL-3.4"))
    life.refused(Code.UNKNOWN_ITEM, because="HL-3.4", article="鄂纪励十二条三之1")


def test_the_cases_are_those_of_hubei() -> None:
    opened(organ=SICHUAN).when(REQUEST).refused(Code.NOT_PROVIDED)


# --- appointed --------------------------------------------------------------------------------


def appointed(day: str) -> acts.RecordAppointment:
    return acts.RecordAppointment(appointed_on=on(day), post="某局副局长", appointed_by="某县委")


@pytest.mark.parametrize(
    ("day", "running", "over_since"),
    [
        ("2024-03-09", (), None),  # before there was any
        ("2024-03-10", (1, 2), None),
        ("2024-09-10", (1,), None),
        ("2025-03-09", (1,), None),
        ("2025-03-10", (), "2025-03-10"),
    ],
)
def test_an_appointment_is_taken_down_with_what_ran_on_its_day(
    day: str, running: tuple[int, ...], over_since: str | None
) -> None:
    life = with_lines(sanction("2024-03-10"), government("2024-03-10"))
    life.when(appointed(day), on="2025-06-03")
    since = on(over_since) if over_since else None
    life.then("impact.appointment-recorded", running=running, over_since=since)
    found = [each for event in life.news for each in counted(event, ledger(life))]
    assert found == ([Countable("appointed_after", WU)] if since else [])


def test_an_appointment_before_the_second_sanction_is_seen_as_of_its_day() -> None:
    life = with_lines(sanction("2024-03-10"), sanction("2024-09-10"))
    life.when(appointed("2024-08-01"), on="2024-10-08").then(
        "impact.appointment-recorded", running=(1,)
    )
    life.when(appointed("2024-09-30")).then("impact.appointment-recorded", running=(2,))


def test_an_appointment_has_happened() -> None:
    opened().when(appointed("2024-01-03"), on="2024-01-02").refused(Code.DATE_IN_FUTURE)


# --- what is counted --------------------------------------------------------------------------


def test_sanctions_are_counted_by_track_and_decision_and_taken_back() -> None:
    life = with_lines(
        sanction("2024-03-10", source="处〔2024〕3号"),
        government("2024-03-10", source="处〔2024〕3号"),
    )
    life.when(withdraw(1)).until("2024-09-10").when(NOTIFY, on="2024-09-10")
    found = [each for event in life.recorded for each in counted(event, ledger(life))]
    assert found == [
        Countable("sanctioned", WU, "处〔2024〕3号", ("party", "warning")),
        Countable("sanctioned", WU, "处〔2024〕3号", ("government", "warning")),
        Countable("sanction_withdrawn", WU, "处〔2024〕3号", ("party", "warning")),
        Countable("period_ended", WU, "处〔2024〕3号", ("government", "warning")),
        Countable("usable_notified", WU),
    ]


# --- told -------------------------------------------------------------------------------------


def told(life: Life) -> list[str]:
    """The sentences of what the last act recorded, without the day."""
    matter = folded(life.recorded)
    own = [each for each in life.news if not each.name().startswith("obligation.")]
    return [sentence(each, matter).partition("，")[2] for each in own]


def test_it_is_told_what_was_left_and_what_took_it_over() -> None:
    life = with_lines(sanction("2024-03-10"), sanction("2024-09-10", source="党处〔2024〕9号"))
    assert told(life) == [
        (
            "某县纪委监委登记吴某第2件：某县纪委给予党内警告（党处〔2024〕9号），2024年9月10日生效，"
            "原影响期至2025年3月9日，接着计算12个月，至2026年3月9日届满。"
        ),
        "吴某第1件（党内警告）的影响期重算，尚未执行的影响期并入第2件。",
    ]


def test_it_is_told_that_probation_counts_later() -> None:
    life = with_lines(sanction("2024-03-10", "probation", source="党处〔2024〕3号"))
    assert told(life) == [
        (
            "某县纪委监委登记吴某第1件：某县纪委给予留党察看（党处〔2024〕3号），2024年3月10日生效，"
            "影响期自恢复党员权利之日起算。"
        )
    ]


def test_it_is_told_when_nothing_is_left() -> None:
    life = with_lines(sanction("2024-03-10"))
    assert told(life.when(withdraw(1))) == [
        "依复查〔2024〕1号，某县纪委监委撤销吴某第1件（党内警告）的登记，再没有影响期：事实不清。"
    ]
    assert told(life.when(NOTIFY)) == [
        "某县纪委监委告知某县委组织部：吴某处分处理均已撤销，可以重新使用。"
    ]


def test_it_is_told_when_the_last_line_has_ended() -> None:
    life = with_lines(sanction("2024-03-10")).until("2025-03-10")
    assert told(life) == ["吴某第1件（党内警告）的影响期已于2025年3月9日届满，至此全部届满。"]


@pytest.mark.parametrize(
    ("day", "then"), [("2024-03-10", "当时第1件的影响期未满"), ("2024-03-09", "此前没有影响期")]
)
def test_it_is_told_what_ran_when_they_were_appointed(day: str, then: str) -> None:
    life = with_lines(sanction("2024-03-10")).when(appointed(day))
    told_on = f"{on(day).year}年{on(day).month}月{on(day).day}日"
    assert told(life) == [f"某县委于{told_on}任用吴某为某局副局长，{then}。"]


# --- the instrument ---------------------------------------------------------------------------


def instrument() -> dict[str, Any]:
    return rulebook().companions["impact_national.1"].model_dump(mode="json")


def changed(part: str, number: int, **more: Any) -> dict[str, Any]:
    told = instrument()
    told[part][number] |= more
    return told


@pytest.mark.parametrize(
    ("told", "because"),
    [
        (changed("imposed", 0, at_most=6), "须写且只写一个"),
        (changed("imposed", 0, months=None), "须写且只写一个"),
        (changed("imposed", 1, id="warning"), "party·warning 写了不止一次"),
        (changed("combination", 3, track="party"), "admonition·admonition：combination 中没有"),
        (changed("combination", 0, cap_months=60), "其余不写上限"),
        (changed("combination", 1, cap_months=None), "须写 cap_months"),
        (changed("imposed", 6, grade=None), "须写 grade 和 months"),
        (changed("replies", 1, id="HL-3.1"), "HL-3.1 写了不止一次"),
    ],
)
def test_a_table_that_does_not_agree_with_itself_is_refused(
    told: dict[str, Any], because: str
) -> None:
    with pytest.raises(ValueError, match=because):
        ImpactInstrument.model_validate(told)
