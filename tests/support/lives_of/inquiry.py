"""Lives that together record every event of an inquiry."""

from datetime import date

from domain.inquiry import acts
from domain.inquiry.events import Recipient
from domain.papers import Document
from tests.support.siblings import COUNTY, WU, Life, begun


def _sent(number: str) -> Life:
    life = begun(
        acts.OpenInquiry(
            number=number,
            organ=COUNTY,
            subjects=(WU,),
            content_keys=("项目招标", "房产"),
            petition="信〔2026〕12号来信",
            vague=False,
        ),
        "hubei_twelve_inquiry",
        on="2026-03-02",
    )
    letter = Document(kind="inquiry_letter", label="函询通知书", digest="a" * 64)
    sent = acts.SendInquiryLetter(sent_on=date(2026, 3, 3), letter=letter)
    return life.when(sent, on="2026-03-03")


def lives() -> list[Life]:
    believed = _sent("函〔2026〕1号")
    believed.when(
        acts.RecordExplanation(received_on=date(2026, 3, 12), countersigned=False), on="2026-03-12"
    )
    believed.when(acts.RequestSupplement(explanation="没有说明房产来源"), on="2026-03-13")
    explained = acts.RecordExplanation(received_on=date(2026, 3, 18), countersigned=True)
    believed.when(explained, on="2026-03-18")
    believed.when(acts.AcceptExplanation(explanation="与登记材料相符"), on="2026-03-20")
    for recipient in Recipient:
        believed.when(acts.AnswerInquiry(recipient=recipient), on="2026-04-02")
    believed.when(acts.CloseInquiry(), on="2026-04-03")

    doubted = _sent("函〔2026〕2号")
    doubted.when(explained, on="2026-03-18")
    doubted.when(
        acts.TakeFurther(way="preliminary_verification", explanation="与合同相矛盾"),
        on="2026-03-20",
    )
    return [believed, doubted]
