"""What any act on any matter may be asked first; each question passes or is refused."""

from typing import NoReturn

from domain.aggregate import Act, Event, Order
from domain.refusals import Code, Refusal


def cited(*found: str | None) -> tuple[str, ...]:
    """The articles that the source gives, each once."""
    return tuple(dict.fromkeys(article for article in found if article))


def require_authority_shown(act: Act, order: Order) -> None:
    """An approval or minutes that can be shown."""
    if order.authority is None:
        raise Refusal(
            Code.REASON_MISSING,
            asked=act.label,
            obstacle="没有批准文号或会议纪要",
            way_out="请在 authority 中写明",
        )


def refuse_done(act: Act, kind: type[Event], done_on: object) -> NoReturn:
    raise Refusal(
        Code.ALREADY_DONE,
        asked=act.label,
        obstacle=f"「{kind.term}」已于 {done_on} 办过",
        way_out="无须重复办理；前次有误的，请作更正",
    )


def refuse_not_provided(act: Act, instrument: str, reference: str) -> NoReturn:
    """`instrument` is its name, `reference` what `rongcuo policy explain` knows it by."""
    raise Refusal(
        Code.NOT_PROVIDED,
        asked=act.label,
        obstacle=f"{instrument}没有此项",
        way_out=f"该办法的程序见 rongcuo policy explain {reference}",
    )
