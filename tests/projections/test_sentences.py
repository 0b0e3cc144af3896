"""The audit trail in words, byte for byte.

`tests/golden/sentences.txt` holds two parts: an example of every kind of event in each of its
forms, and the trail of every scenario file. After a change that is meant, write it anew with
`UPDATE_GOLDEN=1 pytest tests/projections/test_sentences.py`, and read what has changed before you
commit it: an inspector will.
"""

import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from domain import obligations as duty
from domain.accountability import events as accountability
from domain.accountability.proceeding import AccountabilityProceeding, proceeding_id
from domain.aggregate import Aggregate, Event
from domain.calendars import publication
from domain.evidence.heads import Heads, HeadsBook, HeadsTaken
from domain.identities import Identities, IdentitiesMerged
from domain.kinds import KINDS
from domain.law.calendar import CalendarEdition
from domain.law.deadline_rules import Qualifier
from domain.law.outcomes import Outcome, Relief, Sanction, Treatment
from domain.law.periods import TimeUnit
from domain.law.policy import ApplicantKind, FactorName, Recipient, RecusalGround
from domain.law.suspension import Remainder
from domain.matter import Link, MatterLinked, Relation
from domain.papers import Delivery
from domain.people import Subject, SubjectKind
from domain.registry import EVENTS
from domain.reporting import periods, reports, submissions
from domain.reporting.report import Cell, Report
from domain.tolerance import events, particulars
from domain.tolerance.case import ToleranceCase
from domain.tolerance.particulars import Leaning, View, Voice
from domain.tolerance.state import case_id
from gateway.scenarios import ACCOUNTABILITY, Scenario
from projections import words
from projections.sentences import sentence
from tests.support.databases import session
from tests.support.examples import (
    CDI,
    CHEN,
    CLERK,
    INSPECTOR,
    WUYANG,
    ZHAO,
    accept,
    application,
    matter,
    paper,
)
from tests.support.matters import DAY, MORNING, NUMBER, order
from workers.addresses import DatabaseAddress

GOLDEN = Path(__file__).parents[1] / "golden" / "sentences.txt"
BETWEEN = f"\n{'―' * 40}\n\n"  # the examples above it, the scenarios below


class Told(NamedTuple):
    """One event and the sentence that tells it; `of` is its scenario, or the term of its kind."""

    of: str
    topic: str
    sentence: str
    articles: list[str]

    def __str__(self) -> str:
        return self.sentence + (f"〔{'；'.join(self.articles)}〕" if self.articles else "")


def require_golden(part: int, told: list[Told]) -> None:
    found = "\n".join(
        f"{of}\n" + "".join(f"  {each}\n" for each in lines)
        for of, lines in groupby(told, key=lambda each: each.of)
    )
    parts = GOLDEN.read_text("utf-8").split(BETWEEN)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        parts[part] = found
        GOLDEN.write_text(BETWEEN.join(parts), "utf-8")
    assert found == parts[part]


# ---- an example of every kind ------------------------------------------------------------------

BUREAU = Subject(id="b-1", kind=SubjectKind.ORGANIZATION, label="某局", region="42")
UNIT = particulars.Applicant(id="a", kind=ApplicantKind.UNIT, label="某局")
MEMBERS = ({"id": "承办人甲"}, {"id": "承办人乙", "unit": "某局"})
FACTORS = particulars.SixFactors.model_validate({each.value: "已查" for each in FactorName})
PUT_RIGHT = particulars.Rectification(items=("完善程序", "补办手续"), by="某局")
SEATS = {"委员甲": "纪检监察机关", "委员乙": "法律人士", "委员丙": "群众代表", "委员丁": "媒体"}
Happening = tuple[type[Event], dict[str, Any]]


def leaning(**leans: Leaning) -> particulars.SixFactors:
    told = {name: particulars.FactorTold(finding="已查", leans=way) for name, way in leans.items()}
    return FACTORS.model_copy(update=told)


def concluded(outcome: Outcome, **unusual: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "subject": CHEN.id,
        "outcome": outcome,
        "sanction": None,
        "relief": None,
        "measures": (),
        "situations": (),
        "effects": (),
        "explanation": "出于公心",
        "rectification": None,
        "effective_on": DAY,
    }
    return usual | unusual


def proposed(outcome: Outcome, **unusual: Any) -> dict[str, Any]:
    told = concluded(outcome, **unusual)
    return {key: fact for key, fact in told.items() if key != "effective_on"}


def owed(**unusual: Any) -> duty.Obligation:
    usual: dict[str, Any] = {
        "id": "answer-1",
        "rule": "answer",
        "label": "反馈答复",
        "article": None,
        "subject": CHEN.id,
        "responsible": "承办人",
        "organ": CDI.id,
        "trigger": "tolerance.accepted",
        "start": DAY,
        "amount": 7,
        "unit": TimeUnit.WORKING_DAY,
        "roll": True,
        "due_on": date(2026, 3, 11),
        "calendars": ("2026.1",),
        "provisional": False,
        "confirmed": True,
        "qualifier": Qualifier.MUST,
        "blocks_closing": True,
    }
    return duty.Obligation(**usual | unusual)


def about(id: str = "answer-1", **facts: Any) -> dict[str, Any]:
    return {"obligation_id": id, **facts}


ON_THE_PROCEEDING: tuple[Happening, ...] = (
    (
        accountability.AccountabilityOpened,
        {"number": "某问责〔2026〕1号", "organ": INSPECTOR, "subjects": (CHEN, ZHAO)},
    ),
    *(
        (
            accountability.ToleranceScreened,
            {"subject": of.id, "result": result, "explanation": "情形待查"},
        )
        for of, result in zip((CHEN, ZHAO), accountability.Screening, strict=True)
    ),
    (accountability.ToleranceReferred, {"case_number": NUMBER, "subjects": (CHEN.id, ZHAO.id)}),
    (accountability.ToleranceReturned, {"case_number": NUMBER}),
    (accountability.AccountabilityDecided, {"explanation": "对赵某予以批评教育，对陈某不再问责"}),
)

OPENING = {
    "case_number": NUMBER,
    "organ": CDI,
    "matter": matter(),
    "subjects": (CHEN, ZHAO, BUREAU),
}
WHY = {"explanation": "理由已经写明"}
VOTE = (
    Voice(of="委员甲", view=View.AGREES),
    Voice(of="委员乙", view=View.AGREES),
    Voice(of="委员丙", view=View.DISAGREES, words="损失尚未挽回"),
    Voice(of="委员丁", view=View.RESERVES),
)

DECLINED: tuple[Happening, ...] = (
    (events.ToleranceApplied, {**OPENING, "applicant": UNIT}),
    *(
        (events.AcceptanceRefused, {"because": because, "explanation": "详见答复书"})
        for because in particulars.DeclineReason
    ),
    (
        events.AcceptanceRefused,
        {
            "because": particulars.DeclineReason.CO_SIGNATURE_REFUSED,
            "explanation": "两机关意见不一",
            "co_signatures": ({"organ": INSPECTOR.id, "agrees": False, "explanation": "不符条件"},),
        },
    ),
    (
        events.ReviewLodged,
        {"subject": CHEN.id, "remedy": "review", "grounds": "并未逾期"},
    ),
    (events.ReviewAdmitted, {"subject": CHEN.id, "panel": ({"id": "复核人甲"},)}),
    (events.ReviewDecided, {"subject": CHEN.id, "result": "uphold", "explanation": "确已逾期"}),
)

BEGUN: tuple[Happening, ...] = (
    (events.ExOfficioStarted, OPENING),
    (events.ApplicationAttached, {"applicant": UNIT}),
    (events.ExOfficioJoined, {"explanation": "机关认为应当一并考虑"}),
    (events.ApplicationReturned, {"missing": ("党委会议记录", "情况说明")}),
    (events.ApplicationCompleted, {}),
    (events.ApplicationCompleted, {"applicant": UNIT}),
    (events.CoSignatureRecorded, {"co_signature": {"organ": "inspector", "agrees": True, **WHY}}),
    (events.CoSignatureRecorded, {"co_signature": {"organ": "inspector", "agrees": False, **WHY}}),
    (events.CaseAccepted, {}),
    (events.CaseAccepted, {"co_signed_by": (INSPECTOR.id, "某局")}),
    (events.ApplicationWithdrawn, {"explanation": "不再申请"}),
    (events.ContinuedExOfficio, {"explanation": "机关认为仍应考虑"}),
    (events.CaseTransferred, {"to": INSPECTOR, "explanation": "干部管理权限属该机关"}),
    (events.CaseSuspended, {"explanation": "等待鉴定意见"}),
    (events.CaseResumed, {"explanation": "鉴定意见已到"}),
    (
        events.EditionRepinned,
        {"before": "hubei_2022.1", "after": "hubei_2022.2", "explanation": "新办法规定一并适用"},
    ),
)

FOUND: tuple[Happening, ...] = (
    (events.TeamAssigned, {"members": MEMBERS}),
    *(
        (events.RecusalRequested, {"officer": "承办人甲", "ground": ground, **WHY})
        for ground in RecusalGround
    ),
    (
        events.RecusalRequested,
        {
            "officer": "承办人乙",
            "ground": RecusalGround.INTEREST,
            "explanation": "与陈某有经济往来",
            "conflicts": ({"officer": "承办人乙", "ground": RecusalGround.SAME_UNIT},),
        },
    ),
    (events.RecusalDecided, {"officer": "承办人甲", "stands_back": False, **WHY}),
    (events.RecusalDecided, {"officer": "承办人乙", "stands_back": True, **WHY}),
    (events.VerificationOpened, {"team": MEMBERS}),
    (events.EvidenceRecorded, {"subject": None, "document": paper("minutes", "会议纪要")}),
    (
        events.EvidenceRecorded,
        {
            "subject": CHEN.id,
            "document": paper("risk_filing", "风险报备表"),
            "risk_filed": {
                "number": "报备〔2025〕3号",
                "answered_on": "2025-11-03",
                "agreed": True,
            },
        },
    ),
    (
        events.SubjectHeard,
        {"subject": CHEN.id, "statement": "当时为抢汛期", "heard_by": ("承办人甲", "承办人丙")},
    ),
    (events.SixFactorsReviewed, {"subject": CHEN.id, "factors": FACTORS}),
    (
        events.SixFactorsReviewed,
        {
            "subject": CHEN.id,
            "factors": leaning(
                motive=Leaning.FAVOURABLE,
                basis=Leaning.FAVOURABLE,
                consequences=Leaning.ADVERSE,
                nature=Leaning.NEUTRAL,
            ),
        },
    ),
    (
        events.SixFactorsReviewed,
        {
            "subject": CHEN.id,
            "factors": leaning(**{each.value: Leaning.ADVERSE for each in FactorName}),
        },
    ),
    (events.ListChecked, {"subject": CHEN.id, "answers": {}}),
    (events.ListChecked, {"subject": CHEN.id, "answers": {"WY-N1": False}}),
    (
        events.ListChecked,
        {
            "subject": CHEN.id,
            "answers": {"WY-C1": True, "WY-C2": True, "WY-C3": None, "WY-N1": False},
            "repeated_error": True,
        },
    ),
    (events.VerificationReported, {"summary": "程序有瑕疵，未见谋私"}),
)

HEARD: tuple[Happening, ...] = (
    (events.OpinionRequested, {"item": 1, "organ": "县委组织部", "question": "是否同意容错"}),
    (events.OpinionReceived, {"organ": "县委组织部", "opinion": "同意容错", "item": 1}),
    (events.OpinionReceived, {"organ": INSPECTOR.id, "opinion": "无意见"}),
    (
        events.JointConsultationHeld,
        {"organs": ("县委组织部", "县财政局"), "conclusion": "可予以容错"},
    ),
    (
        events.JointConsultationHeld,
        {"organs": (INSPECTOR.id,), "conclusion": "可予以容错", "voices": VOTE[2:]},
    ),
    (
        events.CommitteeAssembled,
        {"seats": tuple({"member": m, "stands_for": c} for m, c in SEATS.items())},
    ),
    *(
        (
            events.CommitteeVoted,
            {"subject": CHEN.id, "outcome": outcome, "voices": VOTE, "carried": carried},
        )
        for outcome, carried in zip(Outcome, (True, False, None), strict=True)
    ),
    (events.PublicNoticeOpened, {"scope": "某局机关", "ends_on": date(2026, 3, 11)}),
    (events.ObjectionRaised, {"objection": 1, "content": "认为另有责任"}),
    (events.ObjectionRaised, {"objection": 2, "content": "损失未算清", "subject": CHEN.id}),
    (
        events.ObjectionResolved,
        {"objection": 1, "resolution": "rejected", "explanation": "经查与本事项无关"},
    ),
    (
        events.ObjectionResolved,
        {
            "objection": 2,
            "resolution": "upheld",
            "explanation": "损失确有漏算",
            "changes": (CHEN.id,),
        },
    ),
    (
        events.PublicNoticeRestarted,
        {"subject": CHEN.id, "scope": "某局机关", "ends_on": date(2026, 3, 18)},
    ),
    (events.PublicNoticeClosed, {"subjects": (ZHAO.id, BUREAU.id)}),
    (events.PublicNoticeClosed, {}),
)

DECIDED: tuple[Happening, ...] = (
    (events.DeterminationDeferred, {"subject": CHEN.id, "explanation": "是否谋私尚待查清"}),
    (
        events.DeterminationProposed,
        proposed(
            Outcome.MITIGATION,
            sanction=Sanction.PARTY,
            relief=Relief.REDUCED,
            grades=2,
            before="严重警告",
            after="不予处分",
            rectification=PUT_RIGHT,
        ),
    ),
    (
        events.ApprovalRequested,
        {"subject": CHEN.id, "approval": "beyond_one_grade", "of": "省纪委"},
    ),
    (events.ApprovalGranted, {"subject": CHEN.id, "approval": "beyond_one_grade", **WHY}),
    (events.ApprovalRefused, {"subject": CHEN.id, "approval": "beyond_one_grade", **WHY}),
    (
        events.SubjectDetermined,
        concluded(
            Outcome.EXEMPTION,
            sanction=Sanction.ORGANIZATIONAL,
            relief=Relief.WAIVED,
            before="免职",
            further=(Treatment(sanction=Sanction.ACCOUNTABILITY, relief=Relief.WAIVED),),
            rectification_waived="程序已经改进",
            effects=("no_score_deduction", "no_negative_award"),
            effective_on=date(2026, 3, 5),
            decided_by="常委会",
        ),
    ),
    (events.ResultNotified, {"subject": CHEN.id, "recipient": Recipient.APPLICANT}),
    (
        events.DeterminationEnded,
        {
            "subject": CHEN.id,
            "determination": 1,
            "effects_withdrawn": ("no_score_deduction", "no_negative_award"),
            "restore_in": (Recipient.APPLICANT, "某局机关"),
        },
    ),
    (
        events.RestorationDone,
        {"subject": CHEN.id, "scope": Recipient.APPLICANT, "manner": "书面更正"},
    ),
    (
        events.RestorationDone,
        {"subject": CHEN.id, "scope": "某局机关", "manner": "原公示栏张贴说明"},
    ),
    (
        events.SubjectDetermined,
        concluded(
            Outcome.MITIGATION,
            sanction=Sanction.ADMINISTRATIVE,
            relief=Relief.LIGHTER,
            measures=(*particulars.Measure,),
            rectification=PUT_RIGHT,
        ),
    ),
    (
        events.SubjectDetermined,
        concluded(
            Outcome.NO_TOLERANCE,
            subject=ZHAO.id,
            sanction=Sanction.PARTY,
            before="警告",
            after="警告",
        ),
    ),
    (
        events.SubjectDetermined,
        concluded(Outcome.NO_TOLERANCE, subject=BUREAU.id, sanction=Sanction.PARTY),
    ),
    (events.ConclusiveOpinionIssued, {"subject": BUREAU.id, "opinion": "证据不足，不作认定"}),
)

AFTER: tuple[Happening, ...] = (
    *(
        (
            events.ResultNotified,
            {"subject": CHEN.id, "recipient": recipient, "delivery": delivery},
        )
        for recipient, delivery in zip(Recipient, Delivery, strict=True)
    ),
    (events.ResultNotified, {"subject": BUREAU.id, "recipient": Recipient.SUBJECT}),
    (
        events.ResultReceived,
        {"subject": CHEN.id, "recipient": Recipient.SUBJECT, "received_on": DAY},
    ),
    (
        events.ResultReceived,
        {"subject": BUREAU.id, "recipient": Recipient.SUBJECT, "received_on": DAY},
    ),
    (events.DeterminationFiled, {"subject": CHEN.id, "filed_with": "县委"}),
    (events.RectificationCompleted, {"subject": CHEN.id, "summary": "程序已经完善"}),
    (
        events.FollowUpVisitHeld,
        {"subject": CHEN.id, "visitors": ("回访人甲", "回访人乙"), "summary": "工作正常"},
    ),
    (events.CaseClosed, {}),
    (events.CaseArchived, {"archive_number": "容档〔2026〕7号"}),
    (events.ReviewLodged, {"subject": CHEN.id, "remedy": "review", "grounds": "处理过重"}),
    (events.ReviewRefused, {"subject": CHEN.id, "explanation": "已过申请期限"}),
    (events.ReviewLodged, {"subject": CHEN.id, "remedy": "review", "grounds": "事实有误"}),
    (events.ReviewAdmitted, {"subject": CHEN.id, "panel": ({"id": "复核人甲"},)}),
    *(
        (events.ReviewDecided, {"subject": CHEN.id, "result": result, "explanation": "经复核"})
        for result in particulars.ReviewResult
    ),
    (events.DeterminationCorrected, {"subject": CHEN.id, "by_superior": False, **WHY}),
    (events.DeterminationCorrected, {"subject": CHEN.id, "by_superior": True, **WHY}),
    *(
        (
            events.DeterminationRevoked,
            {
                "subject": CHEN.id,
                "cause": cause,
                "accountability_resumes": resumes,
                "explanation": "经查属实",
            },
        )
        for cause, resumes in zip(
            particulars.RevocationCause, (True, False, False, False, False), strict=True
        )
    ),
    (
        events.DeterminationEnded,
        {"subject": CHEN.id, "determination": 2, "effects_withdrawn": (), "restore_in": ()},
    ),
    (events.CaseReopened, {"subjects": (CHEN.id, ZHAO.id), "explanation": "有新的事实"}),
)

OWED: tuple[Happening, ...] = (
    (duty.ObligationOpened, {"obligation": owed()}),
    (duty.ObligationOpened, {"obligation": owed(id="answer-2", provisional=True)}),
    (
        duty.ObligationOpened,
        {
            "obligation": owed(
                id="reply-1",
                label="答复征求的意见",
                subject=None,
                item=2,
                due_on=None,
                qualifier=Qualifier.PROMPTLY,
            )
        },
    ),
    (
        duty.ObligationOpened,
        {
            "obligation": owed(
                id="notice-1", label="公示期", subject=None, qualifier=Qualifier.PERIOD
            )
        },
    ),
    (duty.ObligationCounted, about(by="tolerance.follow-up-visit-held", count=1, of=2)),
    (duty.ObligationReminded, about(rung=1, due_on=date(2026, 3, 11))),
    (duty.ObligationReminded, about("notice-1", rung=1, due_on=date(2026, 3, 11))),
    *(
        (duty.ObligationSuspended, about(because="tolerance.suspended", remainder=left))
        for left in (
            Remainder(working_days=5),
            Remainder(months=2, days=3),
            Remainder(months=2),
            Remainder(),
        )
    ),
    (
        duty.ObligationSuspended,
        about("reply-1", because="tolerance.suspended", remainder=None),
    ),
    (duty.ObligationResumed, about(obligation=owed(generation=2, due_on=date(2026, 4, 20)))),
    (
        duty.ObligationResumed,
        about(
            "reply-1",
            obligation=owed(
                id="reply-1", label="答复征求的意见", subject=None, item=2, due_on=None
            ),
        ),
    ),
    (
        duty.ObligationExtended,
        about(
            obligation=owed(due_on=date(2026, 4, 27)),
            was_due_on=date(2026, 4, 20),
            approved_by="分管领导",
            explanation="案情复杂",
        ),
    ),
    *(
        (
            duty.ObligationRedated,
            about(
                obligation=owed(due_on=due_on, calendars=("2026.2",), provisional=unsure),
                was_due_on=date(2026, 4, 27),
                kept=kept,
                cause=cause,
            ),
        )
        for due_on, unsure, kept, cause in (
            (date(2026, 4, 28), False, False, None),
            (date(2026, 4, 28), False, False, "2026.2"),
            (date(2026, 4, 27), True, False, None),
            (date(2026, 4, 27), False, True, "2026.2"),
        )
    ),
    (duty.ObligationOverdue, about(due_on=date(2026, 4, 27))),
    (duty.ObligationEscalated, about(rung=1, role="部门负责人", due_on=date(2026, 4, 27))),
    (duty.EscalationAcknowledged, about(rung=1, role="部门负责人", explanation="正在催办")),
    (duty.ObligationWaived, about(explanation="对象去世")),
    (duty.ObligationMetLate, about(by="tolerance.determined", due_on=date(2026, 4, 27))),
    (duty.ObligationMet, about("answer-2", by="tolerance.determined")),
    (duty.ObligationMet, about("reply-1", by="tolerance.opinion-received")),
    (duty.ObligationElapsed, about("notice-1", due_on=date(2026, 3, 11))),
    (duty.ObligationLapsed, about("answer-2", because="tolerance.application-withdrawn")),
)


OF_2027 = CalendarEdition(
    year=2027,
    edition=1,
    notice="国办发明电〔2026〕0号",
    issued_on=DAY,
    confirmed=True,
    holidays={"元旦": (date(2027, 1, 1),)},
    working_weekends=(),
)
DIGEST = publication.HandlerDigest(
    organ=CDI.id, responsible="承办人", duties=3, later=2, earlier=0, kept=1, settled=3
)
ON_CALENDARS: tuple[Happening, ...] = (
    (publication.CalendarPrepared, {"edition": OF_2027}),
    (publication.CalendarReturned, {"edition": "2027.1", "explanation": "漏了春节"}),
    (
        publication.CalendarPrepared,
        {"edition": OF_2027.model_copy(update={"notice": None, "confirmed": False})},
    ),
    (publication.CalendarReleased, {"edition": OF_2027, "prepared_by": CLERK}),
    (publication.CalendarApplied, {"edition": "2027.1", "looked_at": 12, "digests": (DIGEST,)}),
)
ON_PERIODS: tuple[Happening, ...] = (
    (
        periods.PeriodClosed,
        {
            "period": periods.period_of(DAY, periods.PeriodKind.QUARTER),
            "position": 371,
            "to_be_closed_on": date(2026, 4, 1),
        },
    ),
)

REPORT = Report(
    number="报〔2026〕1号",
    title="一季度容错情况",
    definitions=1,
    region="421000",
    since=date(2026, 1, 1),
    until=date(2026, 3, 31),
    organ_kind=None,
    boundaries=date(2026, 4, 1),
    by=(),
    position=371,
    cells=(Cell(measure="M1", place=None, figure=2, digest="a" * 64),),
    digest="b" * 64,
)
ON_REPORTS: tuple[Happening, ...] = (
    (reports.ReportPrepared, {"report": REPORT}),
    (reports.ReportReturned, {"number": REPORT.number, "explanation": "标题有误"}),
    (
        reports.ReportPrepared,
        {"report": REPORT.model_copy(update={"title": "一季度容错情况（改正）"})},
    ),
    (
        reports.ReportPublished,
        {
            "number": REPORT.number,
            "position": 371,
            "digest": REPORT.digest,
            "prepared_by": CLERK,
        },
    ),
    (
        submissions.ReportSubmitted,
        {
            "number": REPORT.number,
            "position": 371,
            "digest": REPORT.digest,
            "to": submissions.ReportingOrgan(id="hubei_cdi", unit="420000"),
        },
    ),
    (
        submissions.ReportApproved,
        {
            "number": REPORT.number,
            "position": 371,
            "digest": REPORT.digest,
            "submitted_by": CLERK,
        },
    ),
    (submissions.ReportSentBack, {"number": REPORT.number, "explanation": "区间不对"}),
)

ON_IDENTITIES: tuple[Happening, ...] = (
    (IdentitiesMerged, {"merged": "干〔2〕", "kept": "干〔1〕", "explanation": "核对为同一人"}),
)

ON_HEADS: tuple[Happening, ...] = (
    (HeadsTaken, {"heads": Heads(hash="sha256", size=371, streams=14, root="a" * 64)}),
)


LINKED: tuple[Happening, ...] = tuple(
    (MatterLinked, {"link": Link(kind="accountability", number="问1号", relation=each)})
    for each in Relation
)


def examples() -> Iterator[Told]:
    """Each kind in each of its forms, told as it is taken down. No guard is asked here."""
    yield from _told(publication.CalendarBook(), ON_CALENDARS)
    yield from _told(periods.ReportingBook(), ON_PERIODS)
    yield from _told(reports.PublishedReports(), ON_REPORTS)
    yield from _told(Identities(), ON_IDENTITIES)
    yield from _told(HeadsBook(), ON_HEADS)
    running = AccountabilityProceeding(proceeding_id("某问责〔2026〕1号"))
    yield from _told(running, ON_THE_PROCEEDING)
    yield from _told(ToleranceCase(case_id("例〔2026〕2号")), DECLINED)
    whole = (*BEGUN, *LINKED, *FOUND, *HEARD, *DECIDED, *AFTER, *OWED)
    yield from _told(ToleranceCase(case_id(NUMBER)), whole)


def _told(matter: Aggregate, happenings: tuple[Happening, ...]) -> Iterator[Told]:
    for kind, facts in happenings:
        matter.record(kind, order(by=CLERK), **facts)
        yield Told(kind.term, kind.topic, sentence(matter.pending[-1], matter), [])


SIBLINGS = {  # told in tests/domain/test_siblings_stored.py
    event.topic
    for kind in KINDS.values()
    for event in vars(kind.events).values()
    if isinstance(event, type) and issubclass(event, Event) and "topic" in vars(event)
}
EXAMPLES = sorted(examples(), key=lambda each: [*EVENTS].index(each.topic))


def test_the_examples_read_as_they_did() -> None:
    require_golden(0, EXAMPLES)


@pytest.mark.parametrize("topic", [each for each in EVENTS if each not in SIBLINGS])
def test_every_event_has_a_sentence_of_its_own(topic: str) -> None:
    told = [each.sentence for each in EXAMPLES if each.topic == topic]
    assert told, "no example shows this event: add one"
    bare = re.compile(rf"\d+年\d+月\d+日，{EVENTS[topic].term}(（补录）)?。")
    assert not [each for each in told if bare.fullmatch(each)]


@pytest.mark.parametrize(
    "table",
    [name for name in vars(words) if name.isupper() and name != "STANDINGS"],
)
def test_every_word_of_a_table_stands_in_an_example(table: str) -> None:
    told = "".join(each.sentence for each in EXAMPLES)
    assert [word for word in vars(words)[table].values() if word not in told] == []


def test_no_two_examples_of_a_kind_are_alike() -> None:
    assert len({(each.topic, each.sentence) for each in EXAMPLES}) == len(EXAMPLES)


# ---- the trail of every scenario ---------------------------------------------------------------


@pytest.fixture(scope="module")
def trail(played_template: DatabaseAddress, scenarios: list[Scenario]) -> list[Told]:
    """The whole trail, scenario by scenario, the proceeding before its case."""
    with session(played_template) as superuser:
        return [
            Told(f"{scenario.case_number} {scenario.title}", *row)
            for scenario in scenarios
            for row in superuser.execute(
                "SELECT topic, sentence, articles FROM views.audit_trail"
                " WHERE matter_id = ANY(%s) ORDER BY position",
                ([*matters(scenario)],),
            )
        ]


def matters(scenario: Scenario) -> Iterator[object]:
    yield case_id(scenario.case_number)
    yield from map(scenario.matter_id, scenario.matters)
    for act in scenario.acts:
        if scenario.kind_of(act) == ACCOUNTABILITY:
            yield proceeding_id(scenario.accountability_number(act))


def test_the_trail_of_every_scenario_reads_as_it_did(trail: list[Told]) -> None:
    require_golden(1, trail)


def test_every_sentence_of_a_trail_is_well_formed(trail: list[Told]) -> None:
    assert not [each.sentence for each in trail if not is_well_formed(each.sentence)]


def test_every_example_is_well_formed() -> None:
    assert not [each.sentence for each in EXAMPLES if not is_well_formed(each.sentence)]


def is_well_formed(told: str) -> bool:
    """It begins with its day, ends once, and shows no word meant for programs but an edition."""
    programs = re.compile(r"p-[0-9a-f]|None|(?<![a-z_0-9])[a-z_-]{3,}(?![a-z_0-9]*\.\d)")
    dated = re.fullmatch(r"20\d\d年\d{1,2}月\d{1,2}日，[^。]+。", told)
    return dated is not None and not programs.search(told)


def test_an_act_entered_after_its_day_is_told_as_such_and_what_the_system_adds_is_not() -> None:
    case, a_week_later = ToleranceCase(case_id(NUMBER)), MORNING + timedelta(days=7)
    case.perform(application(WUYANG), order(), WUYANG)
    case.perform(accept(), order(now=a_week_later), WUYANG)
    assert [sentence(event, case) for event in case.collect_events()] == [
        "2026年3月2日，某局就某问责〔2026〕1号向某县纪委监委提出容错申请，对象为陈某（案号试〔2026〕1号）。",
        "2026年3月2日，某县纪委监委会同某巡察办受理申请（补录）。",
        "2026年3月2日，「向申请单位反馈答复（陈某）」由承办人办理，至2026年3月11日届满。",
    ]
