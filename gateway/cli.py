"""`rongcuo`: the command line's table of contents, and how its answers become exit codes.

0 done, 1 failed, 2 wrong usage, 3 a check found a difference, 4 a part cannot be reached.
"""

import asyncio
import importlib.metadata
import json
import os
import sys
from typing import Any, NoReturn

from cyclopts import App, CycloptsError

from domain.refusals import Refusal
from gateway.commands.output import FAILURE, UNREACHABLE, USAGE, aside
from gateway.files import RulebookFault
from workers.children import StackFault
from workers.home import HomeTaken
from workers.settings import SettingFault

INTERRUPTED = 130

app = App(
    name="rongcuo",
    help="容错纠错：案件留痕、时限到期、统计可核。",
    version=importlib.metadata.version("rongcuo"),
    result_action="return_value",
)
for name, where, told in (
    ("demo", "demo:demo", "在真实的 PostgreSQL 和 Temporal 上走完来源所载的案件，并核对账目。"),
    ("up", "run:up", "在一台机器上运行全部，按 Ctrl-C 停止。"),
    ("play", "play:play_files", "把场景文件走一遍并核对预期。"),
    ("case", "cases:case", "案件：列表、现状、经过、期限。"),
    ("matter", "matters:matter", "各类事项：列表、现状、经过、期限。"),
    ("person", "matters:person", "人员：与其有关的全部事项。"),
    ("clock", "clocks:clock", "时钟：在等什么、两边是否相符、立即核对。"),
    ("notice", "notices:notice", "通知：送到了没有，为何没有，重送。"),
    ("deadline", "rulebook:deadline", "算一个期限。"),
    ("status-period", "status_period:count_status_period", "算一个影响期、处分期。"),
    ("policy", "rulebook:policy", "办法：列出、解说、检查、比较、试算影响。"),
    ("calendar", "calendars:calendar", "工作日历：列出、检查，拟定、发布，重算期限。"),
    (
        "simulate",
        "simulate:simulate",
        "造一个标明是模拟的省，逐件由同一个办公室办出。",
    ),
    ("region", "regions:region", "行政区划：列出，查一个代码在某一天是哪里。"),
    ("stats", "stats:stats", "统计：数字和名单；报表的公布、核对、比较、上报。"),
    ("audit", "audit:audit", "存证：检查点、见证、证据包、核验。"),
    ("rebuild", "upkeep:rebuild_views", "由日志重建视图。"),
    ("migrate", "upkeep:migrate_store", "把数据库升到本版本的结构。"),
    ("doctor", "upkeep:doctor", "检查各部分是否正常。"),
    ("serve", "run:serve", "生产部署：逐个服务运行。"),
):
    app.command(f"gateway.commands.{where}", name=name, help=told)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; trouble is told on stderr, never as a traceback."""
    try:
        answer = app(arguments, exit_on_error=False, print_error=False)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except Exception as error:
        explained = _explained(error)
        if explained is None:
            raise
        exit_code, told = explained
        if "--json" in arguments:
            sys.stderr.write(json.dumps(told, ensure_ascii=False, default=str) + "\n")
        else:
            aside.print(told["message"])
        return exit_code
    return answer if isinstance(answer, int) else 0


def _explained(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Exit code, stable code and words for everything foreseen; None for a fault of ours."""
    more: dict[str, Any] = {}
    message = str(error)
    match error:
        case CycloptsError():
            exit_code, code, message = USAGE, "usage", f"用法有误：{error}\n见 rongcuo --help"
        case Refusal():
            exit_code, code, more = FAILURE, error.code.value, {"articles": error.articles}
        case RulebookFault():
            exit_code, code = USAGE, "malformed"
            more = {"file": error.file, "faults": [vars(each) for each in error.faults]}
        case SettingFault():
            exit_code, code = USAGE, "setting"
        case HomeTaken():
            exit_code, code = FAILURE, "home_taken"
        case StackFault():
            exit_code, code = UNREACHABLE, "stack"
        case _ if _of_the_database(error):
            exit_code, code = UNREACHABLE, "unreachable"
            message = f"够不到所需的部分：{error}\n请用 rongcuo doctor 检查"
        case _:
            return None
    return exit_code, {"code": code, "message": message, **more}


def _of_the_database(error: Exception) -> bool:
    """By name, so that commands without a store need not load its drivers."""
    if isinstance(error, OSError):
        return not isinstance(error, BrokenPipeError)
    return type(error).__module__.startswith(("asyncpg", "eventsourcing.persistence"))


def main() -> NoReturn:
    """Entry point of the console script."""
    try:
        exit_code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (head, less) has left
        exit_code = FAILURE
    sys.stderr.flush()
    os._exit(exit_code)  # Temporal's client may otherwise crash while the interpreter winds down
