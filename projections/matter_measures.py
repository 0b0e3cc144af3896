"""The figures of the sibling matters, M9 to M22: counted from `facts` as those of tolerance are."""

from typing import Final

from projections.statistics import DIMENSIONS, Measure, Source

NOT_OF_FACTS = {"outcome", "track"}  # what only a determination has
FACTS: Final = Source(
    table="facts",
    day="occurred_on",
    dimensions={
        name: sql.replace("decided_on", "occurred_on")
        for name, sql in DIMENSIONS.items()
        if name not in NOT_OF_FACTS
    }
    | {"detail": "coalesce(detail[1], '未填')"},
    listed="position, kind, number, matter_id, what, subject_id, subject_label, subject_kind,"
    " group_id, detail, organ_id, region, occurred_on",
)
CADRE: Final = "subject_kind = 'cadre'"
ORGAN: Final = "subject_kind = 'organization'"
PERSON_AND_ACCUSATION: Final = "(subject_id, group_id)"
ACCUSED_BY: Final = "(group_id, detail[1])"
UNCLEARED: Final = (
    "NOT EXISTS (SELECT FROM views.facts AS cleared WHERE cleared.matter_id = facts.matter_id"
    " AND cleared.what = 'cleared' AND cleared.position <= {known})"
)
STANDING: Final = (
    "NOT EXISTS (SELECT FROM views.facts AS undone WHERE undone.matter_id = facts.matter_id"
    " AND undone.what = 'sanction_withdrawn' AND undone.group_id = facts.group_id"
    " AND undone.detail = facts.detail AND undone.position <= {known})"
)


def _is(what: str) -> str:
    return f"what = '{what}'"


MATTER_MEASURES: Final = tuple(
    Measure(*definition)
    for definition in (
        ("M9", "cleared_persons", "澄清正名干部", "名", "subject_id", [_is("cleared"), CADRE]),
        (
            "M10",
            "cleared_person_times",
            "澄清正名",
            "人次",
            PERSON_AND_ACCUSATION,
            [_is("cleared"), CADRE],
        ),
        (
            "M11",
            "cleared_organizations",
            "澄清正名组织",
            "个",
            "subject_id",
            [_is("cleared"), ORGAN],
        ),
        ("M12", "to_be_cleared", "应澄清", "件", "matter_id", [_is("should_be_cleared")]),
        (
            "M12n",
            "uncleared",
            "应澄清未澄清",
            "件",
            "matter_id",
            [_is("should_be_cleared"), UNCLEARED],
        ),
        (
            "M13",
            "false_accusations",
            "诬告陷害",
            "起",
            "group_id",
            [_is("false_accusation_determined")],
        ),
        (
            "M13p",
            "false_accusers",
            "诬告陷害行为人",
            "人",
            ACCUSED_BY,
            [_is("false_accusation_determined")],
        ),
        ("M13h", "handed_over", "移送诬告行为人", "人", ACCUSED_BY, [_is("accuser_handed_over")]),
        ("M14", "visited_persons", "回访干部", "人", "subject_id", [_is("visited")]),
        ("M14t", "visits", "回访", "人次", "position", [_is("visited")]),
        ("M15", "appointed_after", "影响期满使用", "人", "subject_id", [_is("appointed_after")]),
        ("M16", "held_accountable", "问责", "人次", "position", [_is("held_accountable")]),
        ("M17", "sanctioned", "处分处理", "人", "subject_id", [_is("sanctioned"), STANDING]),
        (
            "M17p",
            "party_sanctioned",
            "党纪处分",
            "人",
            "subject_id",
            [_is("sanctioned"), STANDING, "detail[1] = 'party'"],
        ),
        (
            "M17g",
            "government_sanctioned",
            "政务处分",
            "人",
            "subject_id",
            [_is("sanctioned"), STANDING, "detail[1] = 'government'"],
        ),
        ("M18", "rectifications", "整改事项", "件", "matter_id", [_is("rectification_opened")]),
        ("M18d", "rectified", "整改完成", "件", "matter_id", [_is("rectified")]),
        ("M20", "reviewed", "申诉复核", "件", "matter_id", [_is("reviewed")]),
        (
            "M20c",
            "changed_on_review",
            "复核改变",
            "件",
            "matter_id",
            [_is("reviewed"), "detail[1] <> 'uphold'"],
        ),
        ("M22", "risks_filed", "风险报备", "件", "matter_id", [_is("risk_filed")]),
        ("M22a", "risks_agreed", "报备获同意", "件", "matter_id", [_is("risk_agreed")]),
        ("M22u", "risks_used", "报备用作依据", "件", "matter_id", [_is("risk_used")]),
    )
)
