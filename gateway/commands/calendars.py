"""`calendar …`: the working calendar: listed, checked; published by two persons, applied."""

from pathlib import Path

from cyclopts import App

from gateway.commands.calendar_of import ReleasedOption, calendar_of
from gateway.commands.output import OK, JsonOption, document, people, table
from gateway.commands.rulebook import faulty
from gateway.files import RulebookFault
from gateway.rulebook import editions_in

calendar = App(name="calendar", help="工作日历：列出、检查，拟定、发布，重算期限。")
for name, where, told in (  # loaded only when asked for: they alone need the store
    ("publish", "publishing:publish", "拟定一年的日历（首次录入放假通知），待另一人发布。"),
    ("amend", "publishing:amend", "拟定一年日历的新版（放假通知有修改），待另一人发布。"),
    ("release", "publishing:release", "发布拟定的日历；触及的在办期限随即重算。"),
    ("return", "publishing:send_back", "退回拟定的日历。"),
    ("status", "publishing:status", "本机关拟定、发布的各版日历，重算到了哪里。"),
    ("redate", "redate:redate", "程序带来新的日历后，把在办期限按现行日历重算。"),
):
    calendar.command(f"gateway.commands.{where}", name=name, help=told)


@calendar.command(name="list")
async def list_calendars(*, home: ReleasedOption = None, json: JsonOption = False) -> int:
    """列出各年日历的版次、通知文号和印发日期。"""
    editions = (await calendar_of(home)).editions
    if json:
        document([each.model_dump(mode="json") for each in editions])
        return OK
    table(
        ("年", "版次", "通知", "印发", "放假天数", "调休上班"),
        (
            (
                each.year,
                each.edition,
                each.notice,
                each.issued_on,
                sum(len(days) for days in each.holidays.values()),
                len(each.working_weekends),
            )
            for each in editions
        ),
    )
    return OK


@calendar.command(name="check")
def check_calendar(file: Path, /, *, json: JsonOption = False) -> int:
    """检查一年的日历文件能否使用。"""
    try:
        found = editions_in(file)
    except RulebookFault as fault:
        return faulty(fault, json)
    names = [each.name for each in found]
    if json:
        document({"ok": True, "editions": names})
    else:
        people.print(f"{'、'.join(names)}：可以使用")
    return OK
