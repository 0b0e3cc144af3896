"""A case as a layman keeps it on a sheet of paper: words and sets, no guard and no state of ours.

`why_not` says why an act is impossible; where it has nothing to say, the case may still refuse for
what was found. `take` moves the sheet on after an act, `hear` notes what was recorded of dates and
duties. It knows the acts by name and by what they say, and the events by their stored names.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

INQUIRING = {"verifying", "verified", "on_notice", "noticed"}
DECIDING = INQUIRING - {"verifying"}
UNDECIDED = {"applied", "returned", "accepted"} | INQUIRING
DECIDED = {"determined", "closed", "archived"}
HELD = {"suspended", "withdrawn"}
ANY = UNDECIDED | DECIDED | HELD | {"declined"}

POSSIBLE: dict[str, set[str]] = {  # act → the stages from which it can be taken
    "submit_application": set(),  # the two that begin a case, and only that
    "start_ex_officio": set(),
    "attach_application": {"accepted"} | INQUIRING,
    "join_ex_officio": UNDECIDED,
    "return_for_completion": {"applied"},
    "complete_application": {"returned"},
    "withdraw_application": UNDECIDED,
    "continue_ex_officio": {"withdrawn"},
    "transfer": UNDECIDED,
    "record_co_signature": {"applied"},
    "accept": {"applied"},
    "decline": {"applied", "returned"},
    "assign_team": UNDECIDED,
    "request_recusal": UNDECIDED,
    "decide_recusal": UNDECIDED,
    "open_verification": {"accepted"},
    "record_evidence": UNDECIDED | DECIDED,
    "hear_subject": INQUIRING,
    "review_six_factors": INQUIRING,
    "check_list": INQUIRING,
    "report_verification": {"verifying"},
    "request_opinion": INQUIRING,
    "record_opinion": INQUIRING,
    "hold_consultation": INQUIRING,
    "assemble_committee": INQUIRING,
    "record_committee_vote": INQUIRING,
    "open_public_notice": {"verified"},
    "raise_objection": {"on_notice"},
    "resolve_objection": {"on_notice"},
    "restart_public_notice": {"on_notice", "noticed"},
    "close_public_notice": {"on_notice"},
    "defer_determination": INQUIRING,
    "issue_conclusive_opinion": INQUIRING,
    "propose_determination": DECIDING,
    "request_approval": DECIDING,
    "grant_approval": DECIDING,
    "refuse_approval": DECIDING,
    "determine": DECIDING,
    "notify_result": ANY,
    "record_receipt": ANY,
    "file_determination": ANY,
    "complete_rectification": ANY,
    "hold_follow_up_visit": ANY,
    "close": {"determined"},
    "archive": {"closed"},
    "lodge_review": INQUIRING | DECIDED | {"declined"},
    "admit_review": ANY,
    "refuse_review": ANY,
    "decide_review": ANY,
    "correct_ex_officio": INQUIRING | DECIDED,
    "revoke_determination": INQUIRING | DECIDED,
    "restore": ANY,
    "reopen": DECIDED,
    "suspend": {"accepted"} | INQUIRING,
    "resume": {"suspended"},
    "extend_duty": ANY,
    "acknowledge_escalation": ANY,
    "waive_duty": ANY,
    "link_matter": ANY,
    "repin": UNDECIDED,
}
PROVIDED = {  # what the instrument must know of
    "submit_application": "application",
    "start_ex_officio": "ex_officio",
    "attach_application": "application",
    "join_ex_officio": "ex_officio",
    "continue_ex_officio": "ex_officio",
    "assemble_committee": "committee",
    "record_committee_vote": "committee",
    "open_public_notice": "notice",
    "restart_public_notice": "notice",
    "defer_determination": "deferral",
    "issue_conclusive_opinion": "deferral",
    "suspend": "suspension",
}
ONLY_WHILE_UNDECIDED = {
    "review_six_factors",
    "check_list",
    "record_committee_vote",
    "restart_public_notice",
    "defer_determination",
    "issue_conclusive_opinion",
    "propose_determination",
    "request_approval",
    "grant_approval",
    "refuse_approval",
    "determine",
}
ONLY_ONCE_DETERMINED = {
    "file_determination",
    "complete_rectification",
    "hold_follow_up_visit",
    "correct_ex_officio",
    "revoke_determination",
}
ONCE_A_SUBJECT = {"file_determination", "complete_rectification", "defer_determination"}
NOT_WHILE_A_RECUSAL_IS_OPEN = {
    "assign_team",
    "open_verification",
    "report_verification",
    "issue_conclusive_opinion",
    "propose_determination",
    "determine",
    "correct_ex_officio",
}
LEADS_TO = {
    "submit_application": "applied",
    "start_ex_officio": "accepted",
    "return_for_completion": "returned",
    "complete_application": "applied",
    "accept": "accepted",
    "open_verification": "verifying",
    "report_verification": "verified",
    "open_public_notice": "on_notice",
    "restart_public_notice": "on_notice",
    "close": "closed",
    "archive": "archived",
}
NOT_OF_THE_FIRST_HANDLING = {  # who does these does not thereby become a handler of the case
    "lodge_review",
    "admit_review",
    "refuse_review",
    "restore",
    "extend_duty",
    "acknowledge_escalation",
    "waive_duty",
    "link_matter",
}


@dataclass
class Person:
    """One subject's line on the sheet."""

    determined: bool = False
    mending: bool = False  # the determination carries a rectification
    concluded: bool = False
    revoked: bool = False
    reopened: bool = False
    ended: int = 0  # determinations that count no more
    deferred: bool = False
    notice: str = ""  # "", open, closed
    notice_until: date = date.min
    renew: bool = False
    proposed: bool = False
    approvals: dict[str, str] = field(default_factory=dict)
    review: str = ""  # "", lodged, admitted
    of_decline: bool = False
    panel: set[str] = field(default_factory=set)
    done: set[tuple[str, ...]] = field(default_factory=set)
    published: set[str] = field(default_factory=set)
    to_restore: set[str] = field(default_factory=set)

    @property
    def final(self) -> bool:
        return (self.determined or self.concluded or self.revoked) and not self.reopened


@dataclass
class PlainCase:
    stage: str = ""
    goes_on: str = ""
    tracks: set[str] = field(default_factory=set)
    people: dict[str, Person] = field(default_factory=dict)
    organ: str = ""
    edition: str = ""
    last_on: date = date.min
    recusals: dict[str, str] = field(default_factory=dict)  # officer → asked, back, stays
    handlers: set[str] = field(default_factory=set)
    seated: bool = False
    requests: set[int] = field(default_factory=set)
    objections: dict[int, bool] = field(default_factory=dict)  # number → resolved
    duties: dict[str, bool] = field(default_factory=dict)  # those running → whether they block
    links: list[Any] = field(default_factory=list)
    held: dict[str, bool] = field(default_factory=dict)  # those suspended
    climbed: set[tuple[str, int]] = field(default_factory=set)  # rungs nobody has answered for

    # ---- why an act is impossible ----------------------------------------------------------------

    def why_not(
        self, act: Any, *, by: str, on: date, today: date, approved: bool, provides: set[str]
    ) -> str:
        """Empty where nothing on the sheet stands against it. `provides`: of the instrument."""
        return (
            self._of_the_stage(act, provides)
            or self._of_the_day(act, on, today)
            or self._of_the_officer(by)
            or self._of_the_subject(act)
            or self._of_the_case(act, on, approved=approved)
            or self._of_the_people(act, by)
        )

    def _of_the_day(self, act: Any, on: date, today: date) -> str:
        if on > today:
            return "not yet"
        if on < self.last_on:
            return "before what was done last"
        matter = vars(act).get("matter")
        return "before the proceeding" if matter and on < matter.opened_on else ""

    def _of_the_officer(self, by: str) -> str:
        return "stands back" if self.recusals.get(by) == "back" else ""

    def _of_the_stage(self, act: Any, provides: set[str]) -> str:
        if PROVIDED.get(act.name, "") not in {"", *provides}:
            return "the instrument knows nothing of it"
        if act.name in ("submit_application", "start_ex_officio"):
            return "begun already" if self.stage else ""
        return "" if self.stage in POSSIBLE[act.name] else f"not from {self.stage or 'nowhere'}"

    def _of_the_subject(self, act: Any) -> str:  # noqa: PLR0911
        named = self._named(act)
        if any(each not in self.people for each in named):
            return "not a subject of the case"
        for person in (self.people[each] for each in named):
            if act.name in ONLY_WHILE_UNDECIDED and person.final:
                return "is decided"
            if act.name in ONLY_ONCE_DETERMINED and not person.determined:
                return "is not determined"
            if act.name in ONCE_A_SUBJECT and (act.name,) in person.done:
                return "was done"
            if act.name == "reopen" and person.review:
                return "is under review"
            if act.name == "resolve_objection" and person.final:
                return "is decided"
            why = self._of_one(act, person)
            if why:
                return why
        return ""

    def _of_one(self, act: Any, person: Person) -> str:  # noqa: C901, PLR0911, PLR0912
        match act.name:
            case "issue_conclusive_opinion" if not person.deferred:
                return "not deferred"
            case "propose_determination" | "determine" if person.notice == "open":
                return "on notice"
            case "determine" if person.renew:
                return "an objection has changed it"
            case "request_approval" if not person.proposed:
                return "nothing proposed"
            case "request_approval" if person.approvals.get(act.approval) == "asked":
                return "asked already"
            case "grant_approval" | "refuse_approval":
                return "" if person.approvals.get(act.approval) == "asked" else "not asked"
            case "notify_result" if not (person.determined or person.concluded):
                return "nothing to tell"
            case "notify_result" | "record_receipt" if (act.name, act.recipient) in person.done:
                return "was done"
            case "record_receipt" if ("notify_result", act.recipient) not in person.done:
                return "was not told"
            case "complete_rectification" if not person.mending:
                return "nothing to mend"
            case "lodge_review" if person.review:
                return "is under review"
            case "lodge_review" if self.stage != "declined" and not person.determined:
                return "is not determined"
            case "admit_review":
                return "" if person.review == "lodged" else "nothing lodged"
            case "refuse_review":
                return "" if person.review else "nothing lodged"
            case "decide_review":
                return self._of_a_review(act, person)
            case "restore" if act.scope not in person.to_restore:
                return "nothing to restore there"
        return ""

    def _of_a_review(self, act: Any, person: Person) -> str:
        if person.review != "admitted":
            return "nothing admitted"
        if act.result == "uphold":
            return ""
        varies = act.result == "vary"
        return "nothing in effect to vary" if varies and not person.determined else ""

    def _of_the_case(  # noqa: C901, PLR0911, PLR0912
        self, act: Any, on: date, *, approved: bool
    ) -> str:
        match act.name:
            case "attach_application" if "application" in self.tracks:
                return "joined already"
            case "join_ex_officio" if "ex_officio" in self.tracks:
                return "joined already"
            case "withdraw_application" if "application" not in self.tracks:
                return "nothing to withdraw"
            case "transfer" if act.to.id == self.organ:
                return "is there already"
            case "repin" if act.policy == self.edition or not approved:
                return "no other edition, or nobody said so"
            case "record_opinion" if act.item is not None and act.item not in self.requests:
                return "nobody asked"
            case "record_committee_vote" if not self.seated:
                return "no committee"
            case "raise_objection" if on > max(
                (each.notice_until for each in self.people.values() if each.notice == "open"),
                default=date.min,
            ):
                return "the notice is over"
            case "resolve_objection" if self.objections.get(act.objection, True):
                return "no such objection, or resolved"
            case "close_public_notice":
                return self._of_closing_the_notice(act, on)
            case "close" if any(each.review for each in self.people.values()):
                return "a review is open"
            case "close" if any(self.duties.values()) or any(self.held.values()):
                return "duties are open"
            case "close" if not all(each.final for each in self.people.values()):
                return "a subject is not decided"
            case "extend_duty" | "waive_duty" if act.duty not in self.duties:
                return "no such duty running"
            case "link_matter" if act.link in self.links:
                return "linked already"
            case "acknowledge_escalation" if (act.duty, act.rung) not in self.climbed:
                return "no such rung, or answered for"
        return ""

    def _of_closing_the_notice(self, act: Any, on: date) -> str:
        if not all(self.objections.values()):
            return "an objection waits"
        running = {id_: each for id_, each in self.people.items() if each.notice == "open"}
        wanted = [each for id_, each in running.items() if id_ in act.subjects or not act.subjects]
        over = [each for each in running.values() if on > each.notice_until]
        if any(each not in running for each in act.subjects):
            return "not on notice"
        early = act.subjects and any(on <= each.notice_until for each in wanted)
        return "it runs" if early or not over else ""

    def _of_the_people(self, act: Any, by: str) -> str:  # noqa: PLR0911
        if act.name in NOT_WHILE_A_RECUSAL_IS_OPEN and "asked" in self.recusals.values():
            return "a recusal waits"
        members = {each.id for each in vars(act).get("members") or vars(act).get("team") or ()}
        if any(self.recusals.get(each) == "back" for each in members):
            return "stands back"
        match act.name:
            case "request_recusal" if act.officer in self.recusals:
                return "asked already"
            case "decide_recusal" if act.officer not in self.recusals:
                return "nobody asked"
            case "admit_review":
                panel = {each.id for each in act.panel}
                if panel & self.handlers:
                    return "handled the case"
                if any(self.recusals.get(each) == "back" for each in panel):
                    return "stands back"
            case "decide_review" if by in self.handlers - self.people[act.subject].panel:
                return "handled the case"
        return ""

    @staticmethod
    def _named(act: Any) -> tuple[str, ...]:
        if act.name == "reopen":
            return tuple(act.subjects)
        if act.name == "resolve_objection":
            return tuple(act.changes)
        subject = vars(act).get("subject")
        return (subject,) if subject is not None else ()

    # ---- what an act leads to --------------------------------------------------------------------

    def take(self, act: Any, *, by: str, on: date, edition: str) -> None:
        """The act was taken: move the sheet on."""
        self.last_on = on
        if act.name == "link_matter":
            self.links.append(act.link)
        if act.name not in NOT_OF_THE_FIRST_HANDLING:
            uphold = act.name == "decide_review" and act.result != "vary"
            self.handlers |= set() if uphold else {by}
        for id_ in self._named(act):
            self.people[id_].done |= {(act.name,), (act.name, getattr(act, "recipient", ""))}
        self.stage = LEADS_TO.get(act.name, self.stage)
        step = getattr(self, f"_{act.name}", None)
        if step is not None:
            step(act)
        if act.name in ("submit_application", "start_ex_officio", "repin"):
            self.edition = edition

    def hear(self, event: Any) -> None:  # noqa: C901, PLR0912
        """What was recorded of days, numbers and duties."""
        match event.name().removeprefix("tolerance."):
            case "public-notice-opened":
                for person in self.people.values():
                    if not person.final:
                        self._published(person, event)
            case "public-notice-restarted":
                self._published(self.people[event.subject], event)
            case "public-notice-closed":
                for id_ in event.subjects:
                    self.people[id_].notice = "closed"
                self._find_stage()
            case "opinion-requested":
                self.requests.add(event.item)
            case "objection-raised":
                self.objections[event.objection] = False
            case "objection-resolved":
                for id_ in event.changes:
                    self.people[id_].renew = True
            case "obligation.opened" | "obligation.resumed" | "obligation.extended":
                self.held.pop(event.obligation.id, None)
                self.duties[event.obligation.id] = event.obligation.blocks_closing
                self.climbed = {each for each in self.climbed if each[0] != event.obligation.id}
            case "obligation.escalated":
                self.climbed.add((event.obligation_id, event.rung))
            case "obligation.acknowledged":
                self.climbed.remove((event.obligation_id, event.rung))
            case "obligation.suspended":
                self.held[event.obligation_id] = self.duties.pop(event.obligation_id)
            case (
                "obligation.met"
                | "obligation.met-late"
                | "obligation.lapsed"
                | "obligation.elapsed"
                | "obligation.waived"
            ):
                running = event.obligation_id in self.duties
                del (self.duties if running else self.held)[event.obligation_id]

    @staticmethod
    def _published(person: Person, event: Any) -> None:
        person.notice, person.notice_until, person.renew = "open", event.ends_on, False
        person.published.add(event.scope)

    # ---- act by act ------------------------------------------------------------------------------

    def _submit_application(self, act: Any) -> None:
        self._begin(act, "application")

    def _start_ex_officio(self, act: Any) -> None:
        self._begin(act, "ex_officio")

    def _begin(self, act: Any, track: str) -> None:
        self.tracks, self.organ = {track}, act.organ.id
        self.people = {each.id: Person() for each in act.subjects}

    def _attach_application(self, _: Any) -> None:
        self.tracks.add("application")

    def _join_ex_officio(self, _: Any) -> None:
        self.tracks.add("ex_officio")

    def _withdraw_application(self, _: Any) -> None:
        self._without_application("withdrawn")

    def _decline(self, _: Any) -> None:
        self._without_application("declined")

    def _without_application(self, end: str) -> None:
        unanswered = self.stage in ("applied", "returned")
        self.goes_on = "accepted" if unanswered else self.stage
        both = "ex_officio" in self.tracks  # then the organ simply goes on
        self.stage = self.goes_on if both else end
        self.tracks = {"ex_officio"} if both else self.tracks

    def _continue_ex_officio(self, _: Any) -> None:
        self.stage, self.tracks = self.goes_on, {"ex_officio"}

    def _suspend(self, _: Any) -> None:
        self.goes_on, self.stage = self.stage, "suspended"

    def _resume(self, _: Any) -> None:
        self.stage = self.goes_on

    def _transfer(self, act: Any) -> None:
        self.organ = act.to.id

    def _assign_team(self, act: Any) -> None:
        self.handlers |= {each.id for each in act.members}

    def _open_verification(self, act: Any) -> None:
        self.handlers |= {each.id for each in act.team}

    def _request_recusal(self, act: Any) -> None:
        self.recusals[act.officer] = "asked"

    def _decide_recusal(self, act: Any) -> None:
        self.recusals[act.officer] = "back" if act.stands_back else "stays"

    def _record_opinion(self, act: Any) -> None:
        self.requests.discard(act.item)

    def _assemble_committee(self, _: Any) -> None:
        self.seated = True

    def _resolve_objection(self, act: Any) -> None:
        self.objections[act.objection] = True

    def _defer_determination(self, act: Any) -> None:
        self.people[act.subject].deferred = True

    def _issue_conclusive_opinion(self, act: Any) -> None:
        person = self.people[act.subject]
        if person.determined:  # and looked at anew
            self._end(person)
            self._find_stage()
        person.concluded = True
        self._decided(person)

    def _propose_determination(self, act: Any) -> None:
        self.people[act.subject].proposed = True
        self.people[act.subject].approvals = {}

    def _request_approval(self, act: Any) -> None:
        self.people[act.subject].approvals[act.approval] = "asked"

    def _grant_approval(self, act: Any) -> None:
        self.people[act.subject].approvals[act.approval] = "granted"

    def _refuse_approval(self, act: Any) -> None:
        self.people[act.subject].approvals[act.approval] = "refused"
        self.people[act.subject].proposed = False

    def _determine(self, act: Any) -> None:
        self._replaced(act)

    def _replaced(self, conclusion: Any) -> None:
        """A new determination: the one before it counts no more."""
        person = self.people[conclusion.subject]
        if person.determined:
            self._end(person)
            self._find_stage()
        person.determined, person.concluded, person.revoked = True, False, False
        person.mending = conclusion.rectification is not None
        self._decided(person)

    def _end(self, person: Person) -> None:
        person.determined, person.ended, person.review = False, person.ended + 1, ""
        person.to_restore |= person.published
        person.to_restore |= {
            told for name, *of in person.done for told in of if _tells(name, told)
        }
        person.published = set()
        self._anew(person)

    @staticmethod
    def _anew(person: Person) -> None:
        """What was done for a determination may be done again for the next."""
        person.done, person.deferred, person.notice = set(), False, ""

    def _decided(self, person: Person) -> None:
        person.reopened, person.proposed, person.approvals = False, False, {}
        person.renew = False
        if person.notice == "open":
            person.notice = "closed"
        self._find_stage()

    def _find_stage(self) -> None:
        """Where the case stands once a subject has been settled or unsettled."""
        if all(each.final for each in self.people.values()):
            over = self.stage in HELD | {"closed", "archived"}
            self.stage = self.stage if over else "determined"
        elif self.stage in DECIDED:
            self.stage = "verified"
        elif self.stage == "on_notice" and not self._on_notice():
            self.stage = "noticed"

    def _on_notice(self) -> bool:
        return any(each.notice == "open" for each in self.people.values())

    def _lodge_review(self, act: Any) -> None:
        self.people[act.subject].review = "lodged"
        self.people[act.subject].of_decline = self.stage == "declined"

    def _admit_review(self, act: Any) -> None:
        self.people[act.subject].review = "admitted"
        self.people[act.subject].panel = {each.id for each in act.panel}

    def _refuse_review(self, act: Any) -> None:
        self.people[act.subject].review = ""

    def _decide_review(self, act: Any) -> None:
        person = self.people[act.subject]
        person.review, person.panel = "", set()
        if act.result == "uphold":
            return
        if person.of_decline:
            self.stage = "applied" if self.stage == "declined" else self.stage  # answered anew
        elif act.result == "vary":
            self._correct_ex_officio(act)
        elif act.result == "revoke":
            self._revoke_determination(act)
        else:
            person.revoked = False
            self._end(person)
            self._find_stage()

    def _correct_ex_officio(self, act: Any) -> None:
        self._replaced(act.conclusion)

    def _revoke_determination(self, act: Any) -> None:
        person = self.people[act.subject]
        person.revoked = True
        self._end(person)
        self._decided(person)

    def _restore(self, act: Any) -> None:
        self.people[act.subject].to_restore.discard(act.scope)

    def _reopen(self, act: Any) -> None:
        for id_ in act.subjects:
            person = self.people[id_]
            person.published |= {
                told for name, *of in person.done for told in of if _tells(name, told)
            }
            person.reopened = True
            self._anew(person)
        self.stage = "verifying"

    # ---- what can be asked of the sheet ----------------------------------------------------------

    def final(self) -> set[str]:
        return {id_ for id_, each in self.people.items() if each.final}

    def determined(self) -> set[str]:
        return {id_ for id_, each in self.people.items() if each.determined}


def _tells(name: str, recipient: str) -> bool:
    return name == "notify_result" and recipient != ""


def provided(policy: Any) -> set[str]:
    """What an instrument knows of, as far as the sheet asks."""
    known: Iterable[tuple[str, Any]] = (
        ("committee", policy.committee),
        ("notice", policy.public_notice),
        ("deferral", policy.deferral),
        ("suspension", policy.suspension),
    )
    return {*policy.tracks, *(name for name, said in known if said is not None)}
