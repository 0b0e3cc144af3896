"""The codes in the words officials read."""

from domain.accountability.events import Screening
from domain.law.outcomes import Outcome, Relief, Sanction
from domain.law.policy import Recipient, RecusalGround
from domain.matter import Relation
from domain.papers import Delivery
from domain.tolerance.particulars import (
    DeclineReason,
    Measure,
    Resolution,
    ReviewResult,
    RevocationCause,
    View,
)
from domain.tolerance.state import Standing

OUTCOMES = {
    Outcome.EXEMPTION: "容错免责",
    Outcome.MITIGATION: "容错减责",
    Outcome.NO_TOLERANCE: "不予容错",
}
SANCTIONS = {
    Sanction.PARTY: "党纪处分",
    Sanction.ADMINISTRATIVE: "政务处分",
    Sanction.ORGANIZATIONAL: "组织处理",
    Sanction.ACCOUNTABILITY: "问责",
}
RELIEFS = {Relief.LIGHTER: "从轻", Relief.REDUCED: "减轻", Relief.WAIVED: "免予"}
MEASURES = {
    Measure.REMINDER_TALK: "谈话提醒",
    Measure.WARNING_TALK: "提醒约谈",
    Measure.CRITICISM: "批评教育",
    Measure.SELF_CRITICISM: "责令检查",
    Measure.ORDERED_CORRECTION: "责令纠正",
    Measure.ADMONITION_TALK: "诫勉谈话",
    Measure.DISCIPLINE_PROPOSAL: "纪检监察建议书",
    Measure.CIRCULAR: "通报",
    Measure.SERIOUS_WARNING: "党内严重警告",
}
RECIPIENTS: dict[str, str] = {
    Recipient.APPLICANT: "申请人",
    Recipient.SUBJECT: "本人",
    Recipient.UNIT: "所在单位党组织",
    Recipient.PERSONNEL_ORGAN: "组织人事部门",
    Recipient.DISCIPLINE_ORGAN: "同级纪检监察机关",
}
DELIVERIES = {
    Delivery.IN_PERSON: "直接送达",
    Delivery.LEFT: "留置送达",
    Delivery.POSTED: "邮寄送达",
    Delivery.ELECTRONIC: "电子送达",
    Delivery.THROUGH_UNIT: "所在单位转交",
}
DECLINES: dict[str, str] = {
    DeclineReason.LATE: "逾期",
    DeclineReason.NO_MATTER: "没有所涉问责事项",
    DeclineReason.OUT_OF_SCOPE: "不属适用范围",
    DeclineReason.NOT_COMPETENT: "不属本机关管辖",
    DeclineReason.DUPLICATE: "已有案件",
    DeclineReason.WRONG_APPLICANT: "申请主体不符",
    DeclineReason.NEGATIVE_LIST: "属不予容错情形",
    DeclineReason.PRE_ENTRY_INTO_FORCE: "施行前已问责",
    DeclineReason.INCOMPLETE: "材料不全且未补正",
    DeclineReason.REPEATED_SAME_ERROR: "同一错误再次发生",
    DeclineReason.CO_SIGNATURE_REFUSED: "会同机关不同意",
}
RESOLUTIONS = {Resolution.UPHELD: "成立", Resolution.REJECTED: "不成立"}
VOICES = {View.AGREES: "同意", View.DISAGREES: "不同意", View.RESERVES: "保留意见"}
GROUNDS = {
    RecusalGround.SAME_UNIT: "与对象同一单位",
    RecusalGround.HANDLED_BEFORE: "曾经办所涉问责事项",
    RecusalGround.ACCOUNTABILITY_ORGAN: "系问责机关人员",
    RecusalGround.KIN: "系近亲属",
    RecusalGround.INTEREST: "有利害关系",
    RecusalGround.OTHER: "有其他应当回避的情形",
}
RECUSALS = {True: "回避", False: "不必回避"}
RESULTS = {
    ReviewResult.UPHOLD: "维持",
    ReviewResult.VARY: "变更",
    ReviewResult.REVOKE: "撤销",
    ReviewResult.REMAND: "发回重新认定",
}
CAUSES = {
    RevocationCause.FALSE_MATERIAL: "材料虚假",
    RevocationCause.PRIVATE_GAIN: "查明谋取私利",
    RevocationCause.CONCEALED_FACTS: "隐瞒重要事实",
    RevocationCause.UNLAWFUL_PROCEDURE: "程序违法",
    RevocationCause.OTHER: "其他原因",
}
SCREENED = {Screening.TRIGGERED: "应启动容错", Screening.NOT_APPLICABLE: "不适用容错"}
STANDINGS = {
    Standing.PENDING: "待认定",
    Standing.DEFERRED: "暂缓认定",
    Standing.PROPOSED: "已提出认定意见",
    Standing.AWAITING_APPROVAL: "报批中",
    Standing.DETERMINED: "已认定",
    Standing.CONCLUDED: "已出具结论性意见",
    Standing.UNDER_REVIEW: "复核中",
    Standing.REVOKED: "认定已撤销",
}
RELATIONS = {
    Relation.ARISES_FROM: "源自",
    Relation.GIVES_RISE_TO: "引起",
    Relation.SAME_ACCUSATION: "同一检举控告的",
    Relation.REVIEWS: "复核",
    Relation.REVIEWED_BY: "被复核于",
    Relation.RELIES_ON: "以其为依据的",
    Relation.RELIED_ON_BY: "引为依据的",
}
