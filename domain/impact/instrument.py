"""What the rules on impact periods say: how long each sanction lasts, how several add up."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, PositiveInt, StrictBool, model_validator

from domain.impact.particulars import CountedFrom, Several, Track
from domain.law.companions import Companion
from domain.law.status_periods import AllowedMonths, Deserved, EndRule, allowed_months
from domain.values import Value


class TrackRule(Value):
    """One track; `label` says in words how several combine, `article` where that stands."""

    track: Track
    label: str
    several: Several | None
    cap_months: PositiveInt | None = Field(None, title="合计至多（月）：")
    article: str | None
    ends_article: str | None = Field(None, title="期满自动解除：")
    confirmed: StrictBool


class Imposed(Value):
    """One sanction or measure and the length of its period.

    `months` where the law fixes it, `at_most` where it only bounds it. `grade` orders those of a
    track that may be judged at once. `stands_alone`: it is not added to a running period.
    """

    track: Track
    id: str
    label: str
    grade: PositiveInt | None = None
    months: PositiveInt | None = Field(None, title="月数：")
    at_most: PositiveInt | None = Field(None, title="月数至多：")
    counted_from: CountedFrom = CountedFrom.EFFECT
    stands_alone: StrictBool = False
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None

    @model_validator(mode="after")
    def _one_length(self) -> "Imposed":
        if (self.months is None) == (self.at_most is None):
            raise ValueError(f"{self.track}·{self.id}：months 和 at_most 须写且只写一个")
        return self

    def months_allowed(self) -> AllowedMonths:
        """For one violation."""
        least, most = self.months or 1, self.months or self.at_most or 1
        return AllowedMonths(
            sanction=self.id, least=least, most=most, article=self.article or self.label
        )


class EndReading(Value):
    """On which day the last month ends: no source decides."""

    rule: EndRule
    label: str
    article: str | None
    confirmed: StrictBool
    interpretation: str | None = None


class ReplyCase(Value):
    """A case in which the personnel organ is told that it does not affect the appointment.

    `region`: where the clause holds, a prefix of the organ's.
    """

    id: str
    label: str
    region: str = Field(title="只适用于地区 ")
    period_over: StrictBool
    corrected: StrictBool
    article: str
    confirmed: StrictBool


class ImpactInstrument(Companion):
    """影响期、处分期, and the replies to the personnel organ."""

    kind: Literal["impact"]
    combination: tuple[TrackRule, ...] = Field(title="数个处分怎样计算")
    imposed: tuple[Imposed, ...] = Field(title="处分、处理及其影响期")
    end_rule: EndReading = Field(title="期满之日")
    replies: tuple[ReplyCase, ...] = Field(title="回复不影响任用的情形")

    @model_validator(mode="after")
    def _names_agree(self) -> "ImpactInstrument":
        faults = [*self._repeated(), *self._dangling()]
        if faults:
            raise ValueError("；".join(faults))
        return self

    def _repeated(self) -> Iterator[str]:
        named = {
            "combination": [each.track.value for each in self.combination],
            "imposed": [f"{each.track}·{each.id}" for each in self.imposed],
            "replies": [each.id for each in self.replies],
        }
        for what, names in named.items():
            for name in sorted({each for each in names if names.count(each) > 1}):
                yield f"{what} 中 {name} 写了不止一次"

    def _dangling(self) -> Iterator[str]:
        known = {each.track: each for each in self.combination}
        for each in self.imposed:
            if each.track not in known:
                yield f"{each.track}·{each.id}：combination 中没有 {each.track}"
            elif known[each.track].several is Several.RANGE and not (each.grade and each.months):
                yield f"{each.track}·{each.id}：可以一并处分的须写 grade 和 months"
        for rule in self.combination:
            if (rule.several is Several.RANGE) != bool(rule.cap_months and rule.article):
                yield f"{rule.track}：several 为 range 的须写 cap_months 和 article，其余不写上限"

    def rule(self, track: Track) -> TrackRule:
        return next(each for each in self.combination if each.track is track)

    def of(self, track: Track) -> dict[str, Imposed]:
        return {each.id: each for each in self.imposed if each.track is track}

    def months_for_several(self, track: Track, deserved: tuple[str, ...]) -> AllowedMonths:
        """For violations judged at once, from what each by itself deserves: ids of that track."""
        table = self.of(track)
        rule = self.rule(track)
        if rule.cap_months is None or rule.article is None:
            raise ValueError(f"{rule.label}：没有一并处分的规定")
        several = [
            Deserved(sanction=each.id, grade=each.grade, months=each.months)
            for each in (table[name] for name in deserved)
            if each.grade and each.months
        ]
        return allowed_months(several, cap_months=rule.cap_months, article=rule.article)
