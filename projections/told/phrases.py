"""Turns of phrase that the sentences of every kind of matter share."""

from collections.abc import Iterable
from datetime import date

from domain.matter import Matter
from domain.people import MemberTold, Subject


def day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def labels(subjects: Iterable[Subject]) -> str:
    return "、".join(each.label for each in subjects)


def subject(id_: str, matter: Matter) -> str:
    found = matter.subjects.get(id_)
    return found.label if found else id_


def organ(id_: str, matter: Matter) -> str:
    """An organ by its name, where the matter knows it: the one that handles it."""
    return matter.organ.name if matter.organ and matter.organ.id == id_ else id_


def named(members: Iterable[MemberTold]) -> str:
    return "、".join(each.id for each in members)
