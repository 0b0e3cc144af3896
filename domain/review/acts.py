"""What may be asked of a review, in procedural order."""

from datetime import date

from pydantic import model_validator

from domain.aggregate import Act, Explained
from domain.papers import Delivery
from domain.people import Members, Organ
from domain.review.events import Recipient, Ruling
from domain.staged import OpenMatter
from domain.values import Several, Text


class OpenReview(OpenMatter, name="open_review", label="提出申诉复核"):
    """One subject asks that what was decided of it be looked at again.

    `received_on` is when the decision reached the subject, `published_in` where it was made known.
    `forms` (by the labels of the instrument) and `grade` (the higher the heavier) say how heavy it
    is. `after` is the number of the review whose decision is attacked. `handlers` investigated or
    adjudicated; they come from the matter itself where it is linked as the one reviewed.
    """

    remedy: Text
    attacked: Text
    attacked_kind: Text
    decided_on: date
    received_on: date
    decided_by: Organ
    handlers: tuple[str, ...] = ()
    published_in: tuple[Text, ...] = ()
    forms: tuple[Text, ...] = ()
    grade: int | None = None
    after: Text | None = None
    grounds: Text | None = None


class DeclineReviewApplication(
    Explained, name="decline_review_application", label="不予受理申诉复核"
):
    pass


class AdmitReviewApplication(Act, name="admit_review_application", label="受理申诉复核"):
    panel: Members


class WithdrawReview(Explained, name="withdraw_review", label="撤回申诉复核"):
    pass


class HearApplicant(Act, name="hear_applicant", label="登记听取申请人"):
    statement: Text
    heard_by: Several


class DecideReviewApplication(
    Explained, name="decide_review_application", label="作出申诉复核决定"
):
    """`forms` are imposed instead, for `vary` and for nothing else."""

    result: Ruling
    forms: tuple[Text, ...] = ()
    grade: int | None = None

    @model_validator(mode="after")
    def _says_what_takes_its_place(self) -> "DecideReviewApplication":
        if (self.result is Ruling.VARY) != bool(self.forms):
            raise ValueError("变更的须在 forms 写明改为何种处理，其余结果不写 forms")
        return self


class NotifyReviewResult(Act, name="notify_review_result", label="告知申诉复核结果"):
    recipient: Recipient
    copied: bool = False
    delivery: Delivery | None = None


class AnnounceReviewResult(Act, name="announce_review_result", label="宣布申诉复核结果"):
    scope: Text


class RestoreInScope(Act, name="restore_in_scope", label="登记原范围恢复名誉"):
    """`pay_compensated`: what was lost in pay has been made good as well."""

    scope: Text
    manner: Text
    pay_compensated: bool = False


class CloseReview(Act, name="close_review", label="了结申诉复核"):
    pass
