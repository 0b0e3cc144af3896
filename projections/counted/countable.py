"""One thing that a statistician may count."""

from dataclasses import dataclass

from domain.people import Subject


@dataclass(frozen=True)
class Countable:
    """`what` happened, and to whom; organ, region and day are those of its matter and event.

    `group` is what else may make two of a kind one (an accusation, an accuser, a plan), `detail`
    the codes it may be broken down by (ways, results, forms).
    """

    what: str
    subject: Subject | None = None
    group: str | None = None
    detail: tuple[str, ...] = ()
