"""What the acts, the events and the instruments of a rectification are made of."""

from enum import StrEnum


class Blank(StrEnum):
    """A blank of the notice, by the particular of the opening act that fills it."""

    ORGAN = "organ"  # 实施机关
    UNIT = "unit"  # 单位
    SUBJECTS = "subjects"  # 姓名
    FOUND_ON = "found_on"  # 发现日期
    OCCASION = "occasion"  # 发现的场合
    WORK = "work"  # 所涉工作
    PROBLEMS = "problems"  # 列举的问题
    ITEMS = "items"  # 整改要求
    PLAN_DUE_ON = "plan_due_on"  # 整改方案报送日期
    SENT_ON = "sent_on"  # 落款日期


class CheckResult(StrEnum):
    """What a check of the rectification comes to."""

    PASS = "pass"  # noqa: S105 (整改到位)
    POOR = "poor"  # 整改不力
    REFUSED = "refused"  # 拒不整改


class Ground(StrEnum):
    """What opens a rung of the consequences."""

    POOR = "poor"  # 整改不力
    REFUSED = "refused"  # 拒不整改
    SAME_ERROR_AGAIN = "same_error_again"  # 同一错误再次发生


class Gravity(StrEnum):
    """What a check must have found besides, by the particular that says so."""

    EFFECT_CONTINUES = "effect_continues"  # 不良影响继续
    GRAVE_RESULT = "grave_result"  # 造成严重后果
