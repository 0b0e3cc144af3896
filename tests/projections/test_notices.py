"""The outbox: one notice for each call of the clock, for whoever answers, naming nobody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import asyncpg
import pytest

from domain.aggregate import Aggregate
from domain.tolerance.case import ToleranceCase
from projections.notices import notices
from projections.rebuild import rebuild
from projections.rows import Recorded, Row
from projections.views import VIEWS
from workers.addresses import DatabaseAddress

OVERDUE = "演示〔2025〕2号"
NAMED = """
    SELECT count(*) FROM views.notices AS notice
    WHERE EXISTS (
        SELECT FROM views.due_list AS duty WHERE subject_label IS NOT NULL
            AND position(duty.subject_label IN to_jsonb(notice)::text) > 0
    )
"""


@pytest.fixture
def database(played: DatabaseAddress) -> DatabaseAddress:
    """Every test of this file finds the scenarios lived."""
    return played


async def told(reader: asyncpg.Connection, number: str) -> list[asyncpg.Record]:
    return await reader.fetch(
        "SELECT * FROM views.notices WHERE case_number = $1 ORDER BY position", number
    )


async def test_every_call_of_the_clock_is_a_notice_to_whoever_answers(
    reader: asyncpg.Connection,
) -> None:
    rows = await told(reader, OVERDUE)
    assert [(row["kind"], row["obligation_id"], row["to_role"]) for row in rows] == [
        ("reminder", "answer-1", "承办人"),
        ("reminder", "answer-1", "承办人"),
        ("overdue", "answer-1", "承办人"),
        ("escalation", "answer-1", "部门负责人"),
        ("escalation", "answer-1", "分管领导"),
        ("reminder", "follow_up-1", "所在单位党组织"),
        ("reminder", "follow_up-1", "所在单位党组织"),
        ("overdue", "follow_up-1", "所在单位党组织"),
        ("escalation", "follow_up-1", "部门负责人"),
        ("escalation", "follow_up-1", "分管领导"),
    ]
    assert {row["to_organ"] for row in rows} == {"personnel"}
    assert {row["due_on"] for row in rows} == {date(2025, 3, 20), date(2025, 9, 26)}


async def test_a_notice_is_known_by_its_event_and_raised_when_that_was_recorded(
    reader: asyncpg.Connection,
) -> None:
    rows = await reader.fetch("""
        SELECT notice.*, event.matter_id || '/' || event.version AS id, event.recorded_at
        FROM views.notices AS notice JOIN views.audit_trail AS event USING (position)
    """)
    assert [row["notice_id"] for row in rows] == [row["id"] for row in rows]
    assert [row["raised_at"] for row in rows] == [row["recorded_at"] for row in rows]
    assert len(rows) == await reader.fetchval(
        "SELECT count(*) FROM views.audit_trail WHERE topic ~ 'reminded|overdue|escalated'"
    )


async def test_a_notice_says_in_a_sentence_what_is_due_when_and_for_whom(
    reader: asyncpg.Connection,
) -> None:
    reminder, _, overdue, escalation, *_ = await told(reader, OVERDUE)
    duty = "容错案件演示〔2025〕2号的「向申请单位反馈答复」（第七条（二））"
    assert reminder["text"] == f"催办：{duty}将于2025年3月20日届满，由承办人办理。"
    assert overdue["text"] == f"逾期：{duty}已于2025年3月20日届满，尚未办结，由承办人负责。"
    assert escalation["text"] == f"督办：{duty}已于2025年3月20日届满，逾期未办，报部门负责人。"


async def test_of_a_period_that_ends_by_itself_nobody_is_pressed(
    reader: asyncpg.Connection,
) -> None:
    (text,) = {row["text"] for row in await told(reader, "演示〔2026〕1号")}
    assert (
        text == "提醒：容错案件演示〔2026〕1号的「公示期」（第八条（三））将于2026年5月11日届满。"
    )


async def test_what_leaves_the_house_names_no_subject(reader: asyncpg.Connection) -> None:
    assert await reader.fetchval(NAMED) == 0


async def test_control_a_text_with_the_subject_in_it_is_noticed(
    projector: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def naming(recorded: Recorded, matter: Aggregate) -> Iterator[Row]:
        for *before, text, raised_at in notices(recorded, matter):
            assert isinstance(matter, ToleranceCase)
            (subject, *_) = matter.files.values()
            yield (*before, f"{text}（{subject.subject.label}）", raised_at)

    monkeypatch.setitem(VIEWS, "notices", replace(VIEWS["notices"], of_event=naming))
    await rebuild(projector, ["notices"])
    assert await projector.fetchval(NAMED) == await projector.fetchval(
        "SELECT count(*) FROM views.notices"
    )
