"""One thing that a statistician may count."""

from dataclasses import dataclass

from domain.people import Organ, Subject


@dataclass(frozen=True)
class Countable:
    """`what` happened, and to whom; organ, region and day are those of its matter and event.

    `group` is what else may make two of a kind one (an accusation, an accuser, a plan), `detail`
    the codes it may be broken down by (ways, results, forms). `organ`: whose it is, where not of
    the organ that handles the matter.
    """

    what: str
    subject: Subject | None = None
    group: str | None = None
    detail: tuple[str, ...] = ()
    organ: Organ | None = None
