"""Links between matters: what one names must be on file, and stands in both histories."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.aggregate import Act, Event
from domain.kinds import BY_NAME
from domain.matter import Link, LinkMatter, Matter, MatterLinked, Relation
from domain.refusals import Code, Refusal
from domain.staged import MatterOpened

Look = Callable[[str, str], Matter]  # by kind and number; the matter may not have begun


@dataclass(frozen=True)
class Echo:
    """An act that what happened in one matter brings about in another.

    `instrument`: under which it opens, where the act is the opening of one that has not begun.
    """

    kind: str
    number: str
    act: Act
    instrument: str | None = None


def require_links(act: Act, look: Look) -> None:
    """Whatever an act links its matter to must be on file. Raises Refusal."""
    links: tuple[Link, ...] = getattr(act, "links", ())
    for link in (act.link,) if isinstance(act, LinkMatter) else links:
        if link.kind not in BY_NAME or not look(link.kind, link.number).begun:
            raise Refusal(
                Code.CASE_NOT_FOUND,
                asked=act.label,
                obstacle=f"没有要关联的事项 {link.number}（{link.kind}）",
                way_out="请核对类别和编号，或先登记那一事项",
            )


def linked_back(matter: Matter, event: Event, look: Look) -> Iterator[Echo]:
    """The link as it looks from the other matter, unless it is taken down there already."""
    match event:
        case MatterOpened(links=links):
            pass
        case MatterLinked(link=link):
            links = (link,)
        case _:
            return
    for link in links:
        back = Link(kind=matter.kind, number=matter.number, relation=link.relation.reverse)
        if back not in look(link.kind, link.number).links:
            yield Echo(link.kind, link.number, LinkMatter(link=back))


def linked(matter: Matter, relation: Relation, kind: str, look: Look) -> Iterator[Matter]:
    """The matters of a kind that a matter stands in this relation to."""
    for link in matter.links:
        if link.relation is relation and link.kind == kind:
            yield look(link.kind, link.number)
