"""`status-period`: 影响期、处分期 counted from the day of effect, stacked on one still running."""

from datetime import date
from typing import Annotated

from cyclopts import Parameter, validators

from domain.law.status_periods import EndRule, StatusPeriod, stacked, status_period
from domain.refusals import Code, Refusal
from gateway.commands.output import OK, JsonOption, document, people

Months = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=120))]


def count_status_period(
    *,
    start: Annotated[date, Parameter(name="--from", help="处分生效之日（当日计入）。")],
    months: Annotated[Months, Parameter(help="处分的影响期，月数。")],
    running_from: Annotated[date | None, Parameter(help="原处分生效之日，叠加计算时填。")] = None,
    running_months: Annotated[Months | None, Parameter(help="原处分的影响期，月数。")] = None,
    end_rule: Annotated[
        EndRule, Parameter(help="届满之日：对应日的前一日，或对应日（来源未定，缺省前者）。")
    ] = EndRule.DAY_BEFORE,
    json: JsonOption = False,
) -> int:
    """算影响期：自生效之日起，不因放假顺延；在原影响期内又受处分的，剩余与新的相加。"""
    if (running_from is None) != (running_months is None):
        raise _refused("只写了原处分的一半", "--running-from 和 --running-months 须同时填写")
    try:
        if running_from is not None and running_months is not None:
            before = status_period(running_from, running_months, end_rule=end_rule)
            found = stacked(before, start, months, end_rule=end_rule)
        else:
            found = status_period(start, months, end_rule=end_rule)
    except ValueError as reason:
        raise _refused(str(reason), "请核对日期") from None
    if json:
        document(found.model_dump(mode="json"))
    else:
        people.print(_told(found))
    return OK


def _told(found: StatusPeriod) -> str:
    rest = f"，其中原处分剩余至 {found.rest_until}" if found.rest_until else ""
    return f"自 {found.start} 起{rest}，于 {found.last_day} 届满（当日仍在期内）"


def _refused(obstacle: str, way_out: str) -> Refusal:
    return Refusal(
        Code.MALFORMED, asked="计算影响期", obstacle=obstacle.rstrip("。"), way_out=way_out
    )
