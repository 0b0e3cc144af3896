"""上报与审核: a published report goes up to the unit above, which approves it or sends it back.

What goes up is the report itself, never a figure typed anew: the organ that receives it counts it
again at its position, and what does not come out the same cannot be approved.
"""

from domain.aggregate import Act, Event, Explained
from domain.papers import Digest
from domain.people import Officer
from domain.refusals import Code, Refusal
from domain.reporting.report import Cell, Report
from domain.values import Text, Value

CELLS_TOLD = 5  # in a refusal; a verification tells all of them


class ReportingOrgan(Value):
    """An organ and its unit: the six-digit code, as of the boundaries of the report."""

    id: Text
    unit: Text


class ReportSubmitted(Event, topic="report.submitted.v1", term="上报"):
    """`to`: the organ that is to look at it; its unit is the one above that of the report.

    `position` and `digest` are those of the report: what exactly went up.
    """

    number: str
    position: int
    digest: Digest
    to: ReportingOrgan


class ReportApproved(Event, topic="report.approved.v1", term="审核通过"):
    """Counted again above with the same result; `position` and `digest` are those of the report."""

    number: str
    position: int
    digest: Digest
    submitted_by: Officer


class ReportSentBack(Event, topic="report.sent-back.v1", term="退回上报"):
    """The report stays as it was published; another one, under another number, takes its place."""

    number: str
    explanation: str


class SubmitReport(Act, name="submit_report", label="上报统计报表"):
    """`to`: id of the organ that is to look at it. `unit`, `to_unit`: where the two organs are.

    `above`: the unit next above that of the report; None where there is none: the report is about
    a province, or about a region that is not told or not in the table.
    """

    number: str
    unit: str | None
    to: Text
    to_unit: str | None
    above: str | None


class ApproveReport(Act, name="approve_report", label="审核通过统计报表"):
    """`cells` and `digest`: what the report came to when it was counted again above."""

    number: str
    cells: tuple[Cell, ...]
    digest: Digest


class SendBackReport(Explained, name="send_back_report", label="退回上报的统计报表"):
    number: str


ACTS: tuple[type[Act], ...] = (SubmitReport, ApproveReport, SendBackReport)


def require_one_step_up(act: SubmitReport, report: Report, publisher: str, ours: str) -> str:
    """Submitted by the organ that published it, of the report's own unit, to one of the unit above.

    `publisher` and `ours` are ids of organs. Gives the unit above. Raises Refusal.
    """
    if report.unit is None or act.above is None:
        raise Refusal(
            Code.NO_UNIT_ABOVE,
            asked=act.label,
            obstacle=f"报表统计的是 {report.unit or '全部地区'}，区划表里没有它的上一级",
            way_out="只有写明地区、且不是省级的报表才上报；区划见 rongcuo region list",
        )
    obstacle = way_out = None
    if ours != publisher:
        obstacle, way_out = f"报表由 {publisher} 公布，不是 {ours}", f"请由 {publisher} 上报"
    elif act.unit != report.unit:
        obstacle = f"{ours} 是 {act.unit} 的机关，报表统计的是 {report.unit}"
        way_out = f"请由 {report.unit} 的机关拟定、公布并上报"
    elif act.to_unit != act.above or act.to == ours:
        obstacle = f"{act.to} 不是 {act.above} 的机关，{report.unit} 的上一级是 {act.above}"
        way_out = f"请报给 {act.above} 的机关"
    if obstacle and way_out:
        raise Refusal(Code.WRONG_ORGAN, asked=act.label, obstacle=obstacle, way_out=way_out)
    return act.above


def require_the_same(act: ApproveReport, report: Report) -> None:
    """Counted again, every cell and the whole came out as reported. Raises Refusal."""
    told, found = ({(e.measure, e.place): e for e in each} for each in (report.cells, act.cells))
    differing = [key for key in {**told, **found} if told.get(key) != found.get(key)]
    if not differing and act.digest == report.digest:
        return
    cells = [_told(key, told.get(key), found.get(key)) for key in differing[:CELLS_TOLD]]
    more = f"等 {len(differing)} 格" if len(differing) > CELLS_TOLD else ""
    raise Refusal(
        Code.RECOUNT_DIFFERS,
        asked=act.label,
        obstacle=f"报表 {report.number} 与重数不符：{'，'.join(cells) or '全表摘要'}{more}",
        way_out="请退回，由下级查明后另编一份；逐格见 rongcuo stats verify",
    )


def _told(of: tuple[str, str | None], told: Cell | None, found: Cell | None) -> str:
    measure, place = of
    figures = [str(each.figure) if each else "无" for each in (told, found)]
    return f"{measure}{f'（{place}）' if place else ''}报 {figures[0]}、重数 {figures[1]}"
