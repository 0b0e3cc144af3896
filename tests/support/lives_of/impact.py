"""Lives that together record every event of an impact ledger."""

from datetime import date

from domain.impact import acts
from domain.impact.particulars import Track
from tests.support.siblings import COUNTY, WU, ZHENG, Life, begun


def lives() -> list[Life]:
    return [_two_warnings(), _a_probation()]


def _two_warnings() -> Life:
    """Two party warnings that add up, a government one beside them; all end, one is revoked."""
    opening = acts.OpenLedger(number=WU.id, organ=COUNTY, subjects=(WU,))
    life = begun(opening, "impact_national", on="2024-03-11")
    life.when(_sanction(Track.PARTY, "warning", "2024-03-11", "党处〔2024〕3号"))
    life.when(_sanction(Track.GOVERNMENT, "warning", "2024-03-11", "政处〔2024〕2号"))
    second = _sanction(Track.PARTY, "serious_warning", "2024-09-10", "党处〔2024〕9号")
    life.when(second, on="2024-09-10")
    life.when(
        acts.WithdrawSanction(item=3, decision="复查〔2024〕1号", explanation="事实不清"),
        on="2024-12-20",
    )
    noted = acts.NoteAccountability(
        number="问〔2024〕8号", organ=COUNTY, decided_on=date(2024, 12, 23), forms=("通报",)
    )
    life.when(noted, on="2024-12-23")
    life.when(
        acts.WithdrawAccountability(number=noted.number, explanation="问责决定被撤销"),
        on="2025-02-10",
    )
    asked_about = acts.NoteInquiry(
        number="函询〔2025〕4号", content_keys=("工程招标",), opened_on=date(2025, 2, 17)
    )
    life.when(asked_about, on="2025-02-17").until("2025-03-11")
    life.when(acts.NotifyUsable(to="某县委组织部"), on="2025-03-12")
    asked = acts.ReceiveReplyRequest(
        asked_by="某县委组织部", asked_on=date(2025, 4, 1), regarding="拟任某局副局长"
    )
    life.when(asked, on="2025-04-02")
    reply = acts.ReplyToPersonnelOrgan(
        item=1, case="HL-3.2", corrected=True, explanation="影响期已满，整改到位"
    )
    life.when(reply, on="2025-04-07")
    appointed = acts.RecordAppointment(
        appointed_on=date(2025, 5, 6), post="某局副局长", appointed_by="某县委"
    )
    return life.when(appointed, on="2025-05-08")


def _a_probation() -> Life:
    opening = acts.OpenLedger(number=ZHENG.id, organ=COUNTY, subjects=(ZHENG,))
    life = begun(opening, "impact_national", on="2024-05-06")
    life.when(_sanction(Track.PARTY, "probation", "2024-05-06", "党处〔2024〕5号"))
    restored = acts.RecordRestoration(item=1, restored_on=date(2025, 5, 6))
    return life.when(restored, on="2025-05-12")


def _sanction(track: Track, sanction: str, effective_on: str, source: str) -> acts.EnterSanction:
    return acts.EnterSanction(
        track=track,
        sanction=sanction,
        effective_on=date.fromisoformat(effective_on),
        decided_by="某县纪委" if track is Track.PARTY else "某县监委",
        source=source,
    )
