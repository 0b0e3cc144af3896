"""Instruments issued beside a tolerance instrument, each the law of one kind of sibling matter.

Here is what they all say of themselves; what one kind says beyond that stands in its own folder.
"""

from pydantic import PositiveInt

from domain.law.deadline_rules import DeadlineRule, Ladder, Qualifier
from domain.law.policy import InForce, Jurisdiction
from domain.values import Value


class Way(Value):
    """One thing to be done, and the clause that says so."""

    id: str | None = None
    label: str
    article: str | None


class NoticeField(Value):
    """One blank of a form."""

    id: str
    label: str


class Notice(Value):
    """A paper that is sent, with the blanks of its form in their order."""

    label: str
    article: str | None
    fields: tuple[NoticeField, ...]


class MeasureRung(Value):
    """What follows when rectification fails: the graver the case, the higher the rung."""

    when: str
    measures: tuple[str, ...]
    article: str | None


class Form(Value):
    """A form of accountability (问责方式): when it is used, and what it may consist of."""

    id: str
    label: str
    when: str
    measures: tuple[str, ...] = ()
    article: str | None


class Announcement(Value):
    """How soon, or how generally, something is made known; `of`: of which forms, empty for all."""

    label: str
    of: tuple[str, ...] = ()
    qualifier: Qualifier
    article: str | None


class Companion(Value):
    """One such instrument in one edition; once a matter stands on it, it is never edited.

    `kind` is the kind of matter it governs, `issued_with` the reference of the tolerance
    instrument it came with. `clauses` gives the article by the name of the event it is relied on
    for. Every field carries a Chinese `title`, under which `policy explain` shows it.
    """

    kind: str
    id: str
    edition: PositiveInt
    name: str
    document: str | None
    issuer: str
    source: str
    issued_with: str | None
    jurisdiction: Jurisdiction
    in_force: InForce
    clauses: dict[str, str]
    deadlines: tuple[DeadlineRule, ...]
    ladder: Ladder
    blanks: tuple[str, ...]

    @property
    def reference(self) -> str:
        """What events store: id and edition."""
        return f"{self.id}.{self.edition}"

    def deadline(self, rule_id: str) -> DeadlineRule:
        return next(rule for rule in self.deadlines if rule.id == rule_id)

    def article_for(self, event: str) -> str | None:
        """The article relied on for an event, by its stored name without version."""
        return self.clauses.get(event)
