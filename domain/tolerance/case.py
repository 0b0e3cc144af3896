"""A tolerance case: whatever may be done in it, phase by phase.

Each act asks its guards, then records what it decides; the acts stand with their guards in the
modules named below, what an event changes in state.py.
"""

from typing import Any, ClassVar

from domain.aggregate import Act, Order
from domain.law.time_limits import TimeLimits
from domain.refusals import Code, Refusal
from domain.tolerance.acts import ACTS
from domain.tolerance.aftermath import Aftermath
from domain.tolerance.deliberation import Deliberation
from domain.tolerance.inquiry import Inquiry
from domain.tolerance.opening import Opening
from domain.tolerance.review import Reviews


class ToleranceCase(Opening, Inquiry, Deliberation, Reviews, Aftermath):
    kind: ClassVar[str] = "tolerance"
    called: ClassVar[str] = "容错案件"

    @classmethod
    def acts(cls) -> tuple[type[Act], ...]:
        return ACTS

    def take(self, act: Act, order: Order, rules: TimeLimits[Any]) -> None:
        if self.recusals.get(order.by.id):
            raise Refusal(
                Code.RECUSED,
                asked=act.label,
                obstacle=f"{order.by.id} 已经回避本案",
                way_out="请由其他承办人员办理",
            )
        super().take(act, order, rules)
