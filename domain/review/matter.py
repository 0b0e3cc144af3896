"""The review: asked for, admitted, decided by others than before, told, and made good."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from domain.aggregate import Act, Event, Order
from domain.guards import cited, require_authority_shown
from domain.law.time_limits import TimeLimits
from domain.people import Subject
from domain.refusals import Code, Refusal
from domain.review import lodging
from domain.review.acts import (
    AdmitReviewApplication,
    AnnounceReviewResult,
    CloseReview,
    DecideReviewApplication,
    DeclineReviewApplication,
    HearApplicant,
    NotifyReviewResult,
    OpenReview,
    RestoreInScope,
    WithdrawReview,
)
from domain.review.events import (
    ApplicantHeard,
    DecisionReviewed,
    Recipient,
    ReviewApplicationAdmitted,
    ReviewApplicationDeclined,
    ReviewClosed,
    ReviewOpened,
    ReviewResultAnnounced,
    ReviewResultNotified,
    ReviewWithdrawn,
    Ruling,
    ScopeRestored,
)
from domain.review.instrument import Remedy, ReviewInstrument
from domain.staged import Facts, Move, StagedMatter

Rules = TimeLimits[ReviewInstrument]


class Stage(StrEnum):
    LODGED = "lodged"  # 已提出
    ADMITTED = "admitted"  # 复核中
    DECIDED = "decided"  # 已作决定
    CLOSED = "closed"  # 已了结
    DECLINED = "declined"  # 不予受理
    WITHDRAWN = "withdrawn"  # 已撤回


class Review(StagedMatter):
    """Whatever comes of it, the decision attacked is carried out meanwhile."""

    kind: ClassVar[str] = "review"
    called: ClassVar[str] = "申诉复核"
    STAGES: ClassVar[Any] = {
        Stage.LODGED: ("已提出", "请受理并确定复核人员，或者不予受理"),
        Stage.ADMITTED: ("复核中", "请听取申请人，作出复核决定"),
        Stage.DECIDED: ("已作决定", "请告知、宣布；撤销的在原范围恢复，再了结"),
        Stage.CLOSED: ("已了结", "仍不服的，请依规定另行提出"),
        Stage.DECLINED: ("不予受理", "有新的事实的，请另行提出"),
        Stage.WITHDRAWN: ("已撤回", "仍在期限内的，可以另行提出"),
    }
    OVER: ClassVar[Any] = frozenset({Stage.CLOSED, Stage.DECLINED, Stage.WITHDRAWN})
    MOVES: ClassVar[Any] = {
        OpenReview: Move(ReviewOpened, to=Stage.LODGED),
        DeclineReviewApplication: Move(
            ReviewApplicationDeclined, at=(Stage.LODGED,), to=Stage.DECLINED
        ),
        AdmitReviewApplication: Move(
            ReviewApplicationAdmitted, at=(Stage.LODGED,), to=Stage.ADMITTED
        ),
        WithdrawReview: Move(
            ReviewWithdrawn, at=(Stage.LODGED, Stage.ADMITTED), to=Stage.WITHDRAWN
        ),
        HearApplicant: Move(ApplicantHeard, at=(Stage.ADMITTED,)),
        DecideReviewApplication: Move(DecisionReviewed, at=(Stage.ADMITTED,), to=Stage.DECIDED),
        NotifyReviewResult: Move(ReviewResultNotified, at=(Stage.DECIDED,)),
        AnnounceReviewResult: Move(ReviewResultAnnounced, at=(Stage.DECIDED,)),
        RestoreInScope: Move(ScopeRestored, at=(Stage.DECIDED,)),
        CloseReview: Move(ReviewClosed, at=(Stage.DECIDED,), to=Stage.CLOSED),
    }

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.remedy = ""
        self.attacked = ""
        self.barred: set[str] = set()  # who investigated or adjudicated what is attacked
        self.published_in: tuple[str, ...] = ()
        self.forms: tuple[str, ...] = ()  # what it imposed
        self.grade: int | None = None
        self.result: Ruling | None = None
        self.told: dict[Recipient, date] = {}
        self.announced: dict[str, date] = {}
        self.to_restore: tuple[str, ...] = ()

    @property
    def subject(self) -> Subject:
        """The one who asks."""
        (subject,) = self.subjects.values()
        return subject

    # ---- asking for it -------------------------------------------------------------------------

    def open_review(self, act: OpenReview, order: Order, rules: Rules) -> Facts:
        lodging.require_one_subject(act)
        lodging.require_other_than_tolerance(act)
        lodging.require_dates(act, order.on)
        remedy = lodging.remedy_of(act, rules)
        lodging.require_review_before(act, remedy, rules)
        lodging.require_addressee(act, remedy)
        lodging.require_in_time(act, remedy, order, rules)
        return {"articles": cited(remedy.article)}

    def admit_review_application(
        self, act: AdmitReviewApplication, _: Order, rules: Rules
    ) -> Facts:
        members = {each.id for each in act.panel}
        self._require_independent(act, members, rules)
        remedy = self._remedy(rules)
        if len(members) < (remedy.panel_at_least or 0):
            raise Refusal(
                Code.TEAM_TOO_SMALL,
                asked=act.label,
                obstacle=f"复核人员 {len(members)} 人，须不少于 {remedy.panel_at_least} 人",
                way_out="请补足复核人员",
                articles=cited(remedy.article),
            )
        return {"remedy": self.remedy, "articles": cited(remedy.article)}

    def hear_applicant(self, act: HearApplicant, _: Order, rules: Rules) -> None:
        self._require_independent(act, {*act.heard_by}, rules)

    # ---- deciding ------------------------------------------------------------------------------

    def decide_review_application(
        self, act: DecideReviewApplication, order: Order, rules: Rules
    ) -> Facts:
        self._require_independent(act, {order.by.id}, rules)
        article = _article_of(act, rules)
        if act.result is Ruling.VARY:
            self._require_no_worse(act, order, rules)
        revoked = act.result is Ruling.REVOKE
        return {
            "subject": self.subject.id,
            "to_restore": self.published_in if revoked else (),
            "articles": cited(self._remedy(rules).article, article),
        }

    def _require_no_worse(self, act: DecideReviewApplication, order: Order, rules: Rules) -> None:
        """By forms that the instrument ranks, else by grades told; else on an authority shown."""
        instrument, kind = rules.instrument, self.subject.kind
        before, after = instrument.weight(self.forms, kind), instrument.weight(act.forms, kind)
        if before is not None and after is not None:
            worse = after > before
        elif self.grade is not None and act.grade is not None:
            worse = act.grade > self.grade
        else:
            require_authority_shown(act, order)
            return
        if worse:
            raise Refusal(
                Code.WORSE_THAN_BEFORE,
                asked=act.label,
                obstacle=f"改为{'、'.join(act.forms)}，重于原来的{'、'.join(self.forms) or '处理'}",
                way_out="不得因申诉而加重，请维持、变更为较轻的处理，或者撤销",
                articles=cited(instrument.no_worse.article),
            )

    # ---- after the decision --------------------------------------------------------------------

    def notify_review_result(self, act: NotifyReviewResult, _: Order, __: Rules) -> None:
        if act.recipient in self.told:
            _refuse_again(act, f"已于 {self.told[act.recipient]} 告知过")

    def announce_review_result(self, act: AnnounceReviewResult, _: Order, __: Rules) -> None:
        if act.scope in self.announced:
            _refuse_again(act, f"已于 {self.announced[act.scope]} 在{act.scope}宣布过")

    def restore_in_scope(self, act: RestoreInScope, _: Order, rules: Rules) -> Facts:
        if act.scope not in self.to_restore:
            left = "、".join(self.to_restore)
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"没有待恢复的范围 {act.scope}",
                way_out=f"待恢复的有 {left}" if left else "没有需要恢复的",
                articles=_restoring(rules),
            )
        return {"remaining": tuple(each for each in self.to_restore if each != act.scope)}

    def close_review(self, act: CloseReview, _: Order, rules: Rules) -> None:
        if self.to_restore:
            raise Refusal(
                Code.DUTIES_OPEN,
                asked=act.label,
                obstacle=f"决定已撤销，尚未在{'、'.join(self.to_restore)}恢复名誉",
                way_out="请先在每一个原公布范围内恢复（restore_in_scope）",
                articles=_restoring(rules),
            )
        self.require_duties_done(act)

    # ---- the rest of the state table -----------------------------------------------------------

    def learn(self, event: Event) -> None:
        match event:
            case ReviewOpened(remedy=remedy, attacked=attacked, handlers=handlers):
                self.remedy, self.attacked, self.barred = remedy, attacked, {*handlers}
                self.published_in = tuple(dict.fromkeys(event.published_in))
                self.forms, self.grade = event.forms, event.grade
                self.handlers |= self.barred  # nor may they look at it a third time
            case ReviewApplicationAdmitted(panel=panel):
                self.handlers |= {each.id for each in panel}
            case DecisionReviewed(result=result, to_restore=scopes):
                self.result, self.to_restore = result, scopes
            case ReviewResultNotified(recipient=recipient):
                self.told[recipient] = event.on
            case ReviewResultAnnounced(scope=scope):
                self.announced[scope] = event.on
            case ScopeRestored(remaining=remaining):
                self.to_restore = remaining

    def _remedy(self, rules: Rules) -> Remedy:
        return next(each for each in rules.instrument.remedies if each.id == self.remedy)

    def _require_independent(self, act: Act, who: set[str], rules: Rules) -> None:
        involved = sorted(who & self.barred)
        if involved:
            raise Refusal(
                Code.PANEL_NOT_INDEPENDENT,
                asked=act.label,
                obstacle=f"{'、'.join(involved)} 参加过原来的调查或者审理",
                way_out="请由没有参加过的人员办理",
                articles=cited(rules.instrument.independence.article),
            )


def _article_of(act: DecideReviewApplication, rules: Rules) -> str | None:
    """On which such a result stands; refused where the instrument knows no such result."""
    results = rules.instrument.results
    if results is None:
        return None
    for each in results:
        if each.result is act.result:
            return each.article
    raise Refusal(
        Code.OUTCOME_NOT_PERMITTED,
        asked=act.label,
        obstacle=f"{rules.instrument.name}没有规定 {act.result} 这种结果",
        way_out="可以作出的有 " + "、".join(f"{each.result}（{each.label}）" for each in results),
        articles=cited(*(each.article for each in results)),
    )


def _restoring(rules: Rules) -> tuple[str, ...]:
    principle = rules.instrument.restoration
    return cited(principle.article if principle else None)


def _refuse_again(act: Act, done: str) -> NoReturn:
    raise Refusal(Code.ALREADY_DONE, asked=act.label, obstacle=done, way_out="无须重复办理")
