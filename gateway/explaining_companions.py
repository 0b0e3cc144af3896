"""A companion instrument read aloud: each field of its kind under the title its type gives it."""

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel

from domain.law.companions import Announcement, Companion, Form, MeasureRung, Notice, Way
from domain.law.situations import Listed
from domain.values import Value
from gateway.explaining import (
    Part,
    cited,
    in_force,
    item_in_words,
    rule_in_words,
    sure,
    unconfirmed,
)
from gateway.pack_words import QUALIFIERS


def companion_explained(companion: Companion) -> list[Part]:
    """A companion instrument in words: what its kind says, each field under its own title."""
    own = (
        (field.title or name, _in_words(getattr(companion, name), companion))
        for name, field in type(companion).model_fields.items()
        if name not in Companion.model_fields and field.title
    )
    parts: tuple[tuple[str, Iterable[str]], ...] = (
        ("办法", _about_companion(companion)),
        *own,
        ("期限", [line for rule in companion.deadlines for line in rule_in_words(rule)]),
        ("来源未载", companion.blanks),
        ("未经核实", unconfirmed(companion, titles_of(type(companion)))),
    )
    told = (Part(title, tuple(lines)) for title, lines in parts)
    return [part for part in told if part.lines]


def titles_of(shape: type[BaseModel]) -> dict[str, str]:
    """The Chinese titles of every field of a shape, at any depth."""
    found: dict[str, str] = {}
    for name, field in shape.model_fields.items():
        for part in parts_of(field.annotation):
            found |= titles_of(part)
        if field.title:
            found[name] = field.title.rstrip("：")
    return found


def parts_of(annotation: Any) -> Iterator[type[BaseModel]]:
    """The shapes that a field's annotation is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from parts_of(each)


def _about_companion(companion: Companion) -> Iterator[str]:
    yield f"{companion.name}（{companion.document or '文号未见'}），{companion.issuer}"
    beside = f"，与 {companion.issued_with} 同时印发" if companion.issued_with else ""
    yield f"编号 {companion.reference}，出处 {companion.source}{beside}"
    yield f"适用 {companion.jurisdiction.label}，{in_force(companion.in_force)}"


def _in_words(told: Any, companion: Companion) -> Iterator[str]:  # noqa: C901 (a line a shape)
    match told:
        case None:
            return
        case tuple():
            for each in told:
                yield from _in_words(each, companion)
        case bool():
            yield "是" if told else "否"
        case Listed():
            yield item_in_words(told)
        case Way(label=label, article=article):
            yield cited(label, article)
        case Form(label=label, when=when, measures=measures, article=article):
            of = f"（{'、'.join(measures)}）" if measures else ""
            yield cited(f"{label}{of}：{when}的", article)
        case MeasureRung(when=when, measures=measures, article=article):
            yield cited(f"{when}：{'、'.join(measures)}", article)
        case Notice(label=label, fields=fields, article=article):
            yield cited(f"{label}，各栏：{'、'.join(each.label for each in fields)}", article)
        case Announcement():
            yield _announced(told, companion)
        case Value():
            parts = (
                f"{field.title}{'、'.join(_in_words(getattr(told, name), companion))}"
                for name, field in type(told).model_fields.items()
                if field.title and getattr(told, name) not in (None, ())
            )
            said = "，".join([*filter(None, [getattr(told, "label", None)]), *parts])
            unsure = sure(getattr(told, "confirmed", True))
            yield cited(said, getattr(told, "article", None)) + unsure
        case _:
            yield str(told)


def _announced(told: Announcement, companion: Companion) -> str:
    forms = [getattr(companion, name, ()) for name in ("for_unit", "for_person")]
    labels = {each.id: each.label for group in forms for each in group}
    of = f"采取{'、'.join(labels.get(each, each) for each in told.of)}的，" if told.of else ""
    how = {"promptly": "及时", "generally": "一般应当", "must": "应当"}
    manner = how.get(told.qualifier, QUALIFIERS[told.qualifier])
    return cited(f"{of}{manner}{told.label}", told.article)
