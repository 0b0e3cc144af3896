"""What others say before a case is decided: opinions, consultation, committee, public notice."""

from collections.abc import Sequence
from datetime import date

from domain.aggregate import Act, Order
from domain.guards import cited
from domain.law.policy import Committee, PublicNotice, Quorum, Step
from domain.law.rules import Rules
from domain.refusals import Code, Refusal
from domain.tolerance import acts, events
from domain.tolerance.guards import (
    DELIBERATING,
    articles,
    file_of,
    refuse_not_provided,
    require_not_done,
    require_stage,
    require_undecided,
)
from domain.tolerance.particulars import Resolution, View, Voice
from domain.tolerance.state import CaseState, Notice, Stage

HALVES = {"half": (1, 2), "two_thirds": (2, 3)}


class Deliberation(CaseState):
    def request_opinion(self, act: acts.RequestOpinion, order: Order, rules: Rules) -> None:
        require_stage(self, act, *DELIBERATING)
        facts = dict(act) | {"item": self.asked + 1}
        self.note(events.OpinionRequested, order, rules, Step.OPINIONS, **facts)

    def record_opinion(self, act: acts.RecordOpinion, order: Order, rules: Rules) -> None:
        require_stage(self, act, *DELIBERATING)
        if act.item is not None and self.requests.get(act.item) != act.organ:
            open_ones = "、".join(f"第 {each} 次（{of}）" for each, of in self.requests.items())
            raise Refusal(
                Code.UNKNOWN_REQUEST,
                asked=act.label,
                obstacle=f"没有等待答复的第 {act.item} 次征求意见（{act.organ}）",
                way_out=f"等待答复的有{open_ones}" if open_ones else "没有函请过的，不填 item",
            )
        self.note(events.OpinionReceived, order, rules, Step.OPINIONS, **dict(act))

    def hold_consultation(self, act: acts.HoldConsultation, order: Order, rules: Rules) -> None:
        require_stage(self, act, *DELIBERATING)
        consultation = rules.policy.consultation
        if consultation is not None:
            _require_present(act, act.organs, consultation.organs, rules)
            _require_quorum(act, act.organs, consultation.quorum, consultation.article)
        facts = dict(act) | {"voices": act.voices or ()}
        self.note(events.JointConsultationHeld, order, rules, Step.CONSULTATION, **facts)

    def assemble_committee(self, act: acts.AssembleCommittee, order: Order, rules: Rules) -> None:
        require_stage(self, act, *DELIBERATING)
        committee = _committee_of(act, rules)
        known = {*committee.seats}
        strangers = [
            each.stands_for for each in act.seats if known and each.stands_for not in known
        ]
        if strangers:
            raise Refusal(
                Code.UNKNOWN_ITEM,
                asked=act.label,
                obstacle=f"{committee.label}没有{'、'.join(strangers)}的席位",
                articles=cited(committee.article),
                way_out="席位为" + "、".join(committee.seats),
            )
        self.note(events.CommitteeAssembled, order, rules, Step.COMMITTEE, **dict(act))

    def record_committee_vote(
        self, act: acts.RecordCommitteeVote, order: Order, rules: Rules
    ) -> None:
        file_of(self, act, act.subject)
        require_stage(self, act, *DELIBERATING)
        require_undecided(self, act, act.subject)
        committee = _committee_of(act, rules)
        if not self.seats:
            raise Refusal(
                Code.STEP_MISSING,
                asked=act.label,
                obstacle=f"{committee.label}尚未组成",
                articles=cited(committee.article),
                way_out="请先组成评估委员会",
            )
        _require_seated(self, act)
        present = [voice.of for voice in act.voices]
        _require_quorum(act, present, committee.quorum, committee.article)
        facts = dict(act) | {"carried": _carried(act.voices, committee.quorum)}
        self.note(events.CommitteeVoted, order, rules, Step.COMMITTEE, **facts)

    def open_public_notice(self, act: acts.OpenPublicNotice, order: Order, rules: Rules) -> None:
        require_not_done(self, act, events.PublicNoticeOpened)
        require_stage(self, act, Stage.VERIFIED)
        ends = rules.ends(_notice_of(act, rules).rule, order.on)
        facts = dict(act) | {"ends_on": ends.due_on, "calendars": ends.editions}
        self.note(events.PublicNoticeOpened, order, rules, Step.PUBLIC_NOTICE, **facts)

    def raise_objection(self, act: acts.RaiseObjection, order: Order, rules: Rules) -> None:
        require_stage(self, act, Stage.ON_NOTICE)
        if act.subject is not None:
            file_of(self, act, act.subject)
        _require_notice_running(self, act, order.on, rules)
        facts = dict(act) | {"objection": len(self.objections) + 1}
        self.note(events.ObjectionRaised, order, rules, Step.PUBLIC_NOTICE, **facts)

    def resolve_objection(self, act: acts.ResolveObjection, order: Order, rules: Rules) -> None:
        require_stage(self, act, Stage.ON_NOTICE)
        _require_objection(self, act)
        require_not_done(self, act, events.ObjectionResolved, str(act.objection))
        for subject in act.changes:
            require_undecided(self, act, subject)
        changes = _changed(self, act, rules)
        facts = dict(act) | {"changes": changes}
        self.note(events.ObjectionResolved, order, rules, Step.PUBLIC_NOTICE, **facts)

    def restart_public_notice(
        self, act: acts.RestartPublicNotice, order: Order, rules: Rules
    ) -> None:
        require_undecided(self, act, act.subject)
        require_stage(self, act, Stage.ON_NOTICE, Stage.NOTICED)
        ends = rules.ends(_notice_of(act, rules).rule, order.on)
        facts = dict(act) | {"ends_on": ends.due_on, "calendars": ends.editions}
        self.note(events.PublicNoticeRestarted, order, rules, Step.PUBLIC_NOTICE, **facts)

    def close_public_notice(self, act: acts.ClosePublicNotice, order: Order, rules: Rules) -> None:
        for subject in act.subjects:
            file_of(self, act, subject)
        if not {*_open_notices(self)} & {*(act.subjects or self.files)}:
            require_not_done(self, act, events.PublicNoticeClosed)
        require_stage(self, act, Stage.ON_NOTICE)
        over = _over(self, act, order.on, rules)
        _require_objections_resolved(self, act, rules)
        _require_restarted(self, act, over, rules)
        self.note(events.PublicNoticeClosed, order, rules, Step.PUBLIC_NOTICE, subjects=over)


# ---- consultation and committee ----------------------------------------------------------------


def _committee_of(act: Act, rules: Rules) -> Committee:
    if rules.policy.committee is None:
        refuse_not_provided(act, rules)
    return rules.policy.committee


def _require_present(act: Act, present: Sequence[str], wanted: Sequence[str], rules: Rules) -> None:
    absent = [each for each in wanted if each not in present]
    if absent:
        raise Refusal(
            Code.QUORUM_MISSING,
            asked=act.label,
            obstacle=f"{'、'.join(absent)}没有参加",
            articles=articles(rules, Step.CONSULTATION),
            way_out="请通知其参加后再会商",
        )


def _require_quorum(act: Act, present: Sequence[str], quorum: Quorum, article: str | None) -> None:
    if quorum.at_least is not None and len({*present}) < quorum.at_least:
        raise Refusal(
            Code.QUORUM_MISSING,
            asked=act.label,
            obstacle=f"到会 {len({*present})} 个，须不少于 {quorum.at_least} 个",
            articles=cited(article),
            way_out="请补足后再办",
        )


def _require_seated(case: CaseState, act: acts.RecordCommitteeVote) -> None:
    heard = [voice.of for voice in act.voices]
    twice = sorted({each for each in heard if heard.count(each) > 1})
    if twice:
        raise Refusal(
            Code.MALFORMED,
            asked=act.label,
            obstacle=f"{'、'.join(twice)} 的意见写了不止一次",
            way_out="每名成员只写一次",
        )
    strangers = [each for each in heard if each not in case.seats]
    if strangers:
        raise Refusal(
            Code.UNKNOWN_ITEM,
            asked=act.label,
            obstacle=f"{'、'.join(strangers)}不是评估委员会的成员",
            way_out="成员为" + "、".join(case.seats),
        )


def _carried(voices: Sequence[Voice], quorum: Quorum) -> bool | None:
    """Whether what was put to the vote was carried; None where no source tells what carries.

    A half must be exceeded, two thirds reached, of those present.
    """
    if quorum.carried_by is None:
        return None
    part, whole = HALVES[quorum.carried_by]
    agreeing = sum(voice.view is View.AGREES for voice in voices)
    reached, exceeded = (
        agreeing * whole >= len(voices) * part,
        agreeing * whole > len(voices) * part,
    )
    return exceeded if quorum.carried_by == "half" else reached


# ---- public notice -----------------------------------------------------------------------------


def _notice_of(act: Act, rules: Rules) -> PublicNotice:
    """The instrument's public notice; refused when it has none."""
    if rules.policy.public_notice is None:
        refuse_not_provided(act, rules)
    return rules.policy.public_notice


def _open_notices(case: CaseState) -> dict[str, Notice]:
    return {
        id_: file.notice
        for id_, file in case.files.items()
        if file.notice is not None and not file.notice.closed
    }


def _require_notice_running(
    case: CaseState, act: acts.RaiseObjection, on: date, rules: Rules
) -> None:
    notice = case.files[act.subject].notice if act.subject else None
    heard = [notice] if notice else [*_open_notices(case).values()]
    last_day = max(each.ends_on for each in heard)
    cut_off = _notice_of(act, rules).cut_off
    too_late = cut_off is not None and act.received_at is not None and act.received_at > cut_off
    closed = all(each.closed for each in heard)
    if closed or on > last_day or (on == last_day and too_late):
        hour = f" {cut_off:%H:%M}" if cut_off else ""
        raise Refusal(
            Code.NOTICE_OVER,
            asked=act.label,
            obstacle=f"公示期已于 {last_day}{hour} 届满" + ("，公示已经结束" if closed else ""),
            articles=articles(rules, Step.PUBLIC_NOTICE),
            way_out="期满后的反映请按信访举报途径办理",
        )


def _over(case: CaseState, act: acts.ClosePublicNotice, on: date, rules: Rules) -> tuple[str, ...]:
    """Whose notice can be closed: those named, or all whose period is over."""
    running = _open_notices(case)
    over = tuple(id_ for id_, notice in running.items() if on > notice.ends_on)
    wanted = act.subjects or over
    waiting = {id_: running[id_].ends_on for id_ in wanted if id_ in running and id_ not in over}
    closing = tuple(id_ for id_ in wanted if id_ in running)
    if waiting or not closing:
        last_day = max(waiting.values() or (notice.ends_on for notice in running.values()))
        raise Refusal(
            Code.NOTICE_RUNNING,
            asked=act.label,
            obstacle=f"公示期至 {last_day} 届满",
            articles=articles(rules, Step.PUBLIC_NOTICE),
            way_out="请于届满次日及以后办理",
        )
    return closing


def _require_objection(case: CaseState, act: acts.ResolveObjection) -> None:
    if act.objection not in case.objections:
        raise Refusal(
            Code.UNKNOWN_OBJECTION,
            asked=act.label,
            obstacle=f"本案没有第 {act.objection} 条异议",
            way_out=f"本案现有异议 {len(case.objections)} 条，请核对编号",
        )


def _require_objections_resolved(case: CaseState, act: Act, rules: Rules) -> None:
    waiting = [str(number) for number, result in case.objections.items() if result is None]
    if waiting:
        raise Refusal(
            Code.OBJECTIONS_OPEN,
            asked=act.label,
            obstacle=f"第 {'、'.join(waiting)} 条异议尚未处理",
            articles=articles(rules, Step.PUBLIC_NOTICE),
            way_out="请先对异议作出处理",
        )


def _changed(case: CaseState, act: acts.ResolveObjection, rules: Rules) -> tuple[str, ...]:
    """Whose notice must begin again: only an objection upheld changes what was published."""
    restart = _notice_of(act, rules).restart
    if act.resolution is Resolution.REJECTED or restart == "none_stated":
        return ()
    return tuple(_open_notices(case)) if act.changes and restart == "all" else act.changes


def _require_restarted(case: CaseState, act: Act, closing: Sequence[str], rules: Rules) -> None:
    """An objection that changed what was published: whose notice must begin again."""
    changed = [
        file for id_, file in case.files.items() if file.must_renew_notice and id_ in closing
    ]
    restart = _notice_of(act, rules).restart
    if not changed:
        return
    raise Refusal(
        Code.NOTICE_RESTART_MISSING,
        asked=act.label,
        obstacle="异议成立，改变了对"
        + "、".join(file.subject.label for file in changed)
        + "的意见，须重新公示",
        articles=articles(rules, Step.PUBLIC_NOTICE),
        way_out="请对上述对象重新公示" if restart == "changed_subjects" else "请对全部对象重新公示",
    )
