"""What officials call the parts of a pack: its keys, its codes and the events it names."""

from typing import Any

from domain.law.deadline_rules import StartDate
from domain.law.periods import TimeUnit
from domain.law.policy import ApplicantKind, Step, Track
from domain.law.selection import CALLED
from domain.law.situations import Role
from domain.people import OrganLevel
from domain.registry import EVENTS
from domain.tolerance.particulars import FACTORS
from projections.words import GROUNDS, OUTCOMES, RECIPIENTS, RELIEFS, SANCTIONS

NAMES = {  # the parts of a pack
    "name": "名称",
    "document": "文号",
    "issuer": "制发机关",
    "source": "出处",
    "parent": "上级办法",
    "overrides": "标明的放宽",
    "jurisdiction": "适用地区",
    "in_force": "施行",
    "transition": "过渡规定",
    "tracks": "启动方式",
    "application": "申请",
    "acceptance": "受理",
    "documents": "必备材料",
    "team": "承办人员",
    "steps": "步骤",
    "six_factors": "六看研判",
    "decisive_factors": "可单独否定的因素",
    "hearing": "听取陈述",
    "lists": "清单",
    "catch_all": "仅凭兜底条款",
    "repeated_error": "同一错误再次发生",
    "risk_filing": "事前风险报备",
    "opinions": "征求意见",
    "consultation": "会商",
    "committee": "评估委员会",
    "public_notice": "公示",
    "deferral": "暂缓认定",
    "suspension": "中止办理",
    "determination": "认定",
    "permitted": "允许的处理",
    "approvals": "报批",
    "rectification": "整改",
    "notification": "反馈对象",
    "filing": "备案",
    "follow_up": "回访",
    "remedies": "救济",
    "effects": "免责的效果",
    "deadlines": "期限",
    "ladder": "催办督办",
    "blanks": "来源未载",
}
KEYS = {  # what stands inside the parts
    "id": "编号",
    "label": "名目",
    "article": "条文",
    "confirmed": "已核实",
    "interpretation": "理解",
    "since": "起",
    "until": "止",
    "region": "区划代码",
    "rule": "规则",
    "selected_by": "选用版次所据之日",
    "by": "主体",
    "window": "申请期限",
    "closes_on_decision": "作出问责决定即止",
    "co_signed_by_accountability_organ": "须会同问责主体",
    "before": "之前",
    "recusal": "回避情形",
    "step": "环节",
    "required": "必经",
    "role": "作用",
    "match": "须一项还是全部",
    "items": "条目",
    "fields": "重点领域",
    "catch_all": "兜底条款",
    "conduct": "行为时间",
    "except_items": "例外情形",
    "of": "对象",
    "silence": "未答复",
    "organs": "机关",
    "quorum": "人数与表决",
    "carried_by": "通过须",
    "seats": "席位",
    "scope": "范围",
    "cut_off": "截止时刻",
    "restart": "异议成立后重新公示",
    "sanction": "处理种类",
    "reliefs": "程度",
    "grades_at_most": "至多减几档",
    "waived_only_from": "只可免予",
    "level": "层级",
    "when": "情形",
    "outcomes": "结论",
    "sanctions": "处理种类",
    "reduced_beyond": "减轻超过几档",
    "waivable": "可以不提",
    "recipient": "收件人",
    "with": "备案机关",
    "managed_by": "干部管理权限",
    "visitors_at_least": "至少几人",
    "yearly_ratio": "每年的比例",
    "percent": "百分之",
    "over_years": "前几年",
    "against": "所针对",
    "to": "向谁提出",
    "lodge_within": "提出期限",
    "at": "何处",
    "basis": "依据",
    "opens_on": "起算的事件",
    "starts": "起算之日",
    "met_by": "办结的事件",
    "lapses_on": "终止的事件",
    "suspended_by": "中止的事件",
    "resumed_by": "恢复的事件",
    "per": "按什么计",
    "amount": "数目",
    "stated": "届满之日所在的项",
    "unit": "单位",
    "roll": "末日放假顺延",
    "qualifier": "约束",
    "at_least": "至少",
    "at_most": "至多",
    "times": "次数",
    "within": "范围",
    "extension": "延长",
    "approver": "批准人",
    "cap_amount": "上限数目",
    "cap_unit": "上限单位",
    "responsible": "承办",
    "blocks_closing": "未办不得结案",
    "reminders_before": "届满前几个工作日催办",
    "escalation": "督办",
    "after": "届满后几个工作日",
}

UNITS: dict[str, str] = {
    TimeUnit.WORKING_DAY: "个工作日",
    TimeUnit.CALENDAR_DAY: "日",
    TimeUnit.MONTH: "个月",
    TimeUnit.QUARTER: "个季度",
    TimeUnit.YEAR: "年",
}
TRACKS: dict[str, str] = {Track.APPLICATION: "依申请", Track.EX_OFFICIO: "机关同步启动"}
APPLICANTS: dict[str, str] = {
    ApplicantKind.PERSON: "本人",
    ApplicantKind.UNIT: "单位",
    ApplicantKind.PARTY_COMMITTEE: "所在单位党委（党组）",
}
STEPS: dict[str, str] = {
    Step.INITIATION: "申请或启动",
    Step.ACCEPTANCE: "受理",
    Step.VERIFICATION: "核实",
    Step.OPINIONS: "征求意见",
    Step.CONSULTATION: "会商",
    Step.COMMITTEE: "评估委员会研判",
    Step.PUBLIC_NOTICE: "公示",
    Step.DETERMINATION: "认定",
    Step.APPROVAL: "报审",
    Step.NOTIFICATION: "反馈",
    Step.FILING: "备案",
    Step.FOLLOW_UP: "回访",
}
ROLES: dict[str, str] = {
    Role.TOLERATING: "可容错的情形",
    Role.EXEMPTING: "可免责的情形",
    Role.MITIGATING: "可减责的情形",
    Role.EXCLUDING: "不予容错的情形",
}
MATCHES = {"any": "有一即可", "all": "须同时具备", None: "来源未载须一项还是全部"}
LEVELS: dict[str, str] = {
    OrganLevel.PROVINCE: "省级",
    OrganLevel.PREFECTURE: "市（州）级",
    OrganLevel.COUNTY: "县级",
    OrganLevel.TOWNSHIP: "乡镇",
}
STARTS: dict[str, str] = {
    StartDate.OCCURRENCE: "",
    StartDate.SENDING: "发出",
    StartDate.RECEIPT: "收到",
    StartDate.ACCEPTANCE: "受理",
    StartDate.FINDING: "查明",
    StartDate.DECISION: "作出",
    StartDate.EFFECT: "生效",
}
QUALIFIERS = {
    "must": "应当",
    "generally": "一般不超过",
    "promptly": "及时",
    "unstated": "未载时限",
    "period": "期间",
    "target": "内部目标",
}
RESTARTS = {
    "changed_subjects": "只对结论有变的对象",
    "all": "对全部对象",
    "none_stated": "未规定",
}
CARRIED = {"half": "过半数", "two_thirds": "三分之二以上"}
SILENCE = {"agrees": "视为同意", "not_counted": "不计入"}
AGAINST = {"determination": "认定", "declined": "不予受理"}
CHOICES = {"required": "必须", "optional": "视情况"}

CODES: dict[str, dict[Any, str]] = {  # key → its codes in words
    "by": APPLICANTS,
    "tracks": TRACKS,
    "recusal": GROUNDS,
    "decisive_factors": FACTORS,
    "six_factors": CHOICES,
    "hearing": CHOICES,
    "catch_all": {"collegial_review": "须集体会商", "none_stated": "未规定"},
    "rule": {"excludes_prior_accountability": "施行前已问责的不适用", "none_stated": "未规定"},
    "selected_by": CALLED,
    "step": STEPS,
    "role": ROLES,
    "match": {"any": "有一即可", "all": "须同时具备"},
    "before": {"acceptance": "受理", "determination": "认定"},
    "silence": SILENCE,
    "carried_by": CARRIED,
    "restart": RESTARTS,
    "sanction": SANCTIONS,
    "sanctions": SANCTIONS,
    "reliefs": RELIEFS,
    "outcomes": OUTCOMES,
    "level": LEVELS,
    "recipient": RECIPIENTS,
    "against": AGAINST,
    "unit": UNITS,
    "cap_unit": UNITS,
    "qualifier": QUALIFIERS,
    "starts": {**STARTS, StartDate.OCCURRENCE: "发生"},
    "per": {"case": "每案", "subject": "每个对象", "item": "每件"},
    "within": {"window": "期内", "year": "每年"},
}
EVENT_KEYS = ("opens_on", "met_by", "lapses_on", "suspended_by", "resumed_by")
ASPECTS = {
    "favourable": "予以容错",
    "no_tolerance": "不予容错",
    "rectification": "附整改要求",
    "to_restore": "须在原范围恢复",
    "complete": "全部办到",
    **RECIPIENTS,
    # accountability
    "cadre": "干部",
    "organization": "组织",
    "self_examination": "检查",
    "circular": "通报",
    "reorganization": "改组",
    "admonition": "诫勉",
    "organizational": "组织调整或者组织处理",
    "discipline": "处分",
    "without_self_examination": "不再检查",
    "without_circular": "不再通报",
    "without_reorganization": "不再改组",
    "without_admonition": "不再诫勉",
    "without_organizational": "不再组织调整或者组织处理",
    "without_discipline": "不再处分",
    "to_publish": "须公开",
    "not_to_publish": "不再公开",
    "written": "书面检讨",
    "meeting": "会议上检查",
    # follow-up and plans
    "talk": "谈心谈话",
    "visit": "回访",
    "good": "表现良好",
    "party_committee": "党委（党组）",
    "with_ratio": "定有比例",
    "reached": "已达应访数",
    # rectification
    "with_plan": "要求报送方案",
    "pass": "通过",
    "poor": "整改不力",
    "refused": "拒不整改",
    "last_resort": "最后一级",
    # impact
    "awaited": "待期满",
    "all_over": "全部期满",
    # clarification, inquiry, filing
    "untrue": "不实",
    "unproven": "未查实",
    "partly": "部分属实",
    "countersigned": "已签署",
    "limited": "定有期限",
    # review, protection
    "review": "复审",
    "re_review": "复核",
    "complaint": "申诉",
    "complaint_review": "申诉复查",
    "reconsideration": "复议复查",
    "appeal": "问责申诉",
    "uphold": "维持",
    "vary": "变更",
    "revoke": "撤销",
    "remand": "发回",
    "party_organization": "党组织",
    "deciding_organ": "原决定机关",
    "copied": "抄送",
    "all": "全部范围",
    "found": "属实",
    "not_found": "不属实",
}
TERMS = {event.name(): event.term for event in EVENTS.values()}


def code(key: str, told: str) -> str:
    """A code in words, or as it is written where it is no code."""
    if key in EVENT_KEYS:
        return event(told)
    return CODES.get(key, {}).get(told, told)


def event(name: str) -> str:
    """`tolerance.result-notified:applicant` as 反馈（申请人）."""
    bare, _, aspect = name.partition(":")
    term = TERMS.get(bare, bare)
    return f"{term}（{ASPECTS.get(aspect, aspect)}）" if aspect else term


def called(key: str) -> str:
    return KEYS.get(key, key)
