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
    BUSY = "busy"  # 同时办理过多
    # time and stage
    OUT_OF_STAGE = "out_of_stage"  # 环节不符
    ALREADY_DONE = "already_done"  # 已经办过
    DATE_BEFORE_LAST_ACT = "date_before_last_act"  # 日期早于上一行为
    DATE_IN_FUTURE = "date_in_future"  # 日期晚于今天
    # who
    UNKNOWN_SUBJECT = "unknown_subject"  # 不是本案对象
    WRONG_APPLICANT = "wrong_applicant"  # 申请主体不符
    # acceptance
    TRACK_NOT_PROVIDED = "track_not_provided"  # 办法未规定此种启动方式
    LATE = "late"  # 超过申请期限
    PRE_ENTRY_INTO_FORCE = "pre_entry_into_force"  # 施行前已问责
    CO_SIGNATURE_MISSING = "co_signature_missing"  # 缺会同机关
    # verification, notice
    NOT_PROVIDED = "not_provided"  # 办法未规定此项程序
    STEP_MISSING = "step_missing"  # 前置步骤未完成
    UNKNOWN_ITEM = "unknown_item"  # 清单没有这一项
    NOTICE_RUNNING = "notice_running"  # 公示期未满
    NOTICE_OVER = "notice_over"  # 公示期已满
    OBJECTIONS_OPEN = "objections_open"  # 异议未处理完
    UNKNOWN_OBJECTION = "unknown_objection"  # 没有这条异议
    # determination
    OUTCOME_NOT_PERMITTED = "outcome_not_permitted"  # 处理方式不允许
    NEGATIVE_LIST = "negative_list"  # 属不予容错情形
    CONDITIONS_UNMET = "conditions_unmet"  # 不符合容错条件
    RECTIFICATION_MISSING = "rectification_missing"  # 缺整改要求
    # after the determination
    NOT_DETERMINED = "not_determined"  # 尚未认定
    DUTIES_OPEN = "duties_open"  # 尚有未办事项


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
