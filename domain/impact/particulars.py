"""The words of an impact ledger: by which law, and what becomes of several."""

from enum import StrEnum


class Track(StrEnum):
    """By which law something was imposed: each has its own lines."""

    PARTY = "party"  # 党纪处分
    GOVERNMENT = "government"  # 政务处分
    ORGANIZATIONAL = "organizational"  # 组织处理
    ADMONITION = "admonition"  # 诫勉


class Several(StrEnum):
    """What becomes of several on one track."""

    ADDS_UP = "adds_up"  # 新的在原影响期内生效的，剩余与新的相加
    RANGE = "range"  # 数个违法行为一并处分的，在一个处分期与其和之间确定
    LONGEST = "longest"  # 同时采取几种的，以最长的为准


class CountedFrom(StrEnum):
    """From which day a period runs; that day itself counts."""

    EFFECT = "effect"  # 生效之日
    RESTORATION = "restoration"  # 恢复党员权利之日
