"""Every way to be refused: what was asked, what stands in the way, the clause, the way out."""

from enum import StrEnum


class Code(StrEnum):
    """Stable names for programs; people read the sentence. Never renamed once published."""

    # the request
    MALFORMED = "malformed"  # 内容不合格式
    CASE_NOT_FOUND = "case_not_found"  # 没有这件案件
    CASE_NUMBER_TAKEN = "case_number_taken"  # 案号已用
    KEY_REUSED = "key_reused"  # 同一办理编号，内容不同
    STALE_VERSION = "stale_version"  # 所据版本已旧
    UNKNOWN_POLICY = "unknown_policy"  # 没有这部办法
    NO_EDITION_IN_FORCE = "no_edition_in_force"  # 该日没有施行中的版次
    UNKNOWN_PERIOD = "unknown_period"  # 没有这个已关账的统计期
    BUSY = "busy"  # 同时办理过多
    # time and stage
    OUT_OF_STAGE = "out_of_stage"  # 环节不符
    ALREADY_DONE = "already_done"  # 已经办过
    DATE_BEFORE_LAST_ACT = "date_before_last_act"  # 日期早于上一行为
    DATE_IN_FUTURE = "date_in_future"  # 日期晚于今天
    REASON_MISSING = "reason_missing"  # 缺批准文号
    # who
    UNKNOWN_SUBJECT = "unknown_subject"  # 不是本案对象
    WRONG_APPLICANT = "wrong_applicant"  # 申请主体不符
    CONFLICT_OF_INTEREST = "conflict_of_interest"  # 应当回避
    RECUSAL_OPEN = "recusal_open"  # 回避尚未决定
    RECUSED = "recused"  # 已经回避
    UNKNOWN_RECUSAL = "unknown_recusal"  # 没有提出过回避
    SAME_PERSON = "same_person"  # 须由另一人办理
    TEAM_TOO_SMALL = "team_too_small"  # 承办人员不足
    # acceptance
    NO_MATTER = "no_matter"  # 所涉问责事项没有启动
    DUPLICATE = "duplicate"  # 同一事项同一对象已有案件
    TRACK_NOT_PROVIDED = "track_not_provided"  # 办法未规定此种启动方式
    LATE = "late"  # 超过申请期限
    PRE_ENTRY_INTO_FORCE = "pre_entry_into_force"  # 施行前已问责
    CO_SIGNATURE_MISSING = "co_signature_missing"  # 缺会同机关
    CO_SIGNATURE_REFUSED = "co_signature_refused"  # 会同机关不同意
    DOCUMENT_MISSING = "document_missing"  # 缺材料
    NOT_SCREENED = "not_screened"  # 未同步考虑容错
    # verification, deliberation, notice
    NOT_PROVIDED = "not_provided"  # 办法未规定此项程序
    STEP_MISSING = "step_missing"  # 前置步骤未完成
    UNKNOWN_ITEM = "unknown_item"  # 清单没有这一项
    WRONG_TIME_OF_CONDUCT = "wrong_time_of_conduct"  # 行为时间不符
    RISK_FILING_UNUSABLE = "risk_filing_unusable"  # 报备不能作为依据
    UNKNOWN_REQUEST = "unknown_request"  # 没有这次征求意见
    QUORUM_MISSING = "quorum_missing"  # 人数不足
    NOTICE_RUNNING = "notice_running"  # 公示期未满
    NOTICE_OVER = "notice_over"  # 公示期已满
    NOTICE_RESTART_MISSING = "notice_restart_missing"  # 须重新公示
    OBJECTIONS_OPEN = "objections_open"  # 异议未处理完
    UNKNOWN_OBJECTION = "unknown_objection"  # 没有这条异议
    # determination
    OUTCOME_NOT_PERMITTED = "outcome_not_permitted"  # 处理方式不允许
    NEGATIVE_LIST = "negative_list"  # 属不予容错情形
    CONDITIONS_UNMET = "conditions_unmet"  # 不符合容错条件
    FINDINGS_CONTRADICT = "findings_contradict"  # 结论与查明不符
    REPEATED_SAME_ERROR = "repeated_same_error"  # 同一错误再次发生
    COLLEGIAL_REVIEW_MISSING = "collegial_review_missing"  # 须先集体会商
    RECTIFICATION_MISSING = "rectification_missing"  # 缺整改要求
    APPROVAL_MISSING = "approval_missing"  # 未经批准
    APPROVAL_NOT_ASKED = "approval_not_asked"  # 没有报批
    PROPOSAL_DIFFERS = "proposal_differs"  # 与报批的意见不同
    # after the determination
    NOT_DETERMINED = "not_determined"  # 尚未认定
    NOT_NOTIFIED = "not_notified"  # 尚未反馈
    TOO_MANY_VISITS = "too_many_visits"  # 超过频次上限
    DUTIES_OPEN = "duties_open"  # 尚有未办事项
    REVIEW_OPEN = "review_open"  # 复核尚未了结
    REVIEW_NOT_OPEN = "review_not_open"  # 没有在办的复核
    UNKNOWN_REMEDY = "unknown_remedy"  # 办法没有这种救济
    PANEL_NOT_INDEPENDENT = "panel_not_independent"  # 复核人员经办过本案
    WORSE_THAN_BEFORE = "worse_than_before"  # 复核加重
    # time limits
    UNKNOWN_DUTY = "unknown_duty"  # 没有这个期限事项
    EXTENSION_EXHAUSTED = "extension_exhausted"  # 延长次数已用完
    EXTENSION_BEYOND_CAP = "extension_beyond_cap"  # 超过延长上限
    # reports of figures
    NO_UNIT_ABOVE = "no_unit_above"  # 没有上一级
    RECOUNT_DIFFERS = "recount_differs"  # 重数不符
    # rectification
    WRONG_ORGAN = "wrong_organ"  # 不该由这个机关办理或批准
    BLANK_MISSING = "blank_missing"  # 通知有栏目没有填写
    TALK_INCOMPLETE = "talk_incomplete"  # 谈话内容不全
    # follow-up and yearly plans
    OUTSIDE_WINDOW = "outside_window"  # 不在期间内
    WINDOW_RUNNING = "window_running"  # 期间未满
    # impact periods
    MONTHS_NOT_ALLOWED = "months_not_allowed"  # 影响期月数不允许
    # clarification
    NOT_UNTRUE = "not_untrue"  # 没有认定不实
    CLARIFICATION_NOT_DUE = "clarification_not_due"  # 不属应当澄清的情形
    COMPANION_WAY_MISSING = "companion_way_missing"  # 缺须同时采用的方式
    AGAINST_WISH = "against_wish"  # 与本人意愿不符
    # accountability
    TOLERANCE_UNDECIDED = "tolerance_undecided"  # 容错尚未了结
    AGGRAVATION_OVERLOOKED = "aggravation_overlooked"  # 漏了从重情形
    # inquiry
    PETITION_VAGUE = "petition_vague"  # 反映的问题不具体
    INQUIRY_REPEATED = "inquiry_repeated"  # 同一内容已经函询
    # forwarding
    CONTENT_NOT_ALLOWED = "content_not_allowed"  # 不得录入内容


class Refusal(Exception):  # noqa: N818 (a refusal is an answer, not a fault)
    """An act that cannot be taken; nothing was recorded.

    `asked` completes 「不能…」, `obstacle` says what stands in the way, `way_out` what would help.
    """

    def __init__(
        self,
        code: Code,
        *,
        asked: str,
        obstacle: str,
        way_out: str,
        articles: tuple[str, ...] = (),
    ) -> None:
        self.code = code
        self.asked = asked
        self.obstacle = obstacle
        self.way_out = way_out
        self.articles = articles
        super().__init__(str(self))

    def __str__(self) -> str:
        basis = f"（{'；'.join(self.articles)}）" if self.articles else ""
        return f"不能{self.asked}：{self.obstacle}{basis}。{self.way_out}。"
