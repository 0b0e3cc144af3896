"""Lives that together record every event of a suspicion of false accusation."""

from hashlib import sha256

from domain.false_accusation import acts
from domain.false_accusation.instrument import FalseAccusationInstrument
from domain.papers import Document
from domain.people import Organ, OrganKind, OrganLevel
from tests.support.siblings import CLERK, COUNTY, OTHER_CLERK, WU, Life, begun, rulebook

CITY = Organ(
    id="city-cdi",
    name="某市纪委监委",
    kind=OrganKind.DISCIPLINE,
    level=OrganLevel.PREFECTURE,
    region="4210",
)
POLICE = Organ(
    id="police", name="某县公安局", kind=OrganKind.OTHER, level=OrganLevel.COUNTY, region="421087"
)
FALSE: dict[str, bool | None] = {"fabricated": True, "intent": True}
MISTAKEN: dict[str, bool | None] = {"fabricated": True, "intent": False}
UNCLEAR: dict[str, bool | None] = {"fabricated": True, "intent": None}
NATIONAL = "petition_rules_false_accusation"
YOUXIAN = "youxian_false_accusation_2017"
TWELVE = "hubei_twelve_false_accusation"
INSTRUMENTS = (NATIONAL, YOUXIAN, TWELVE)
PAPER = "市纪〔2026〕9号"


def law(instrument: str) -> FalseAccusationInstrument:
    found = rulebook().companions[f"{instrument}.1"]
    assert isinstance(found, FalseAccusationInstrument)
    return found


def digest(of: str) -> str:
    return sha256(of.encode()).hexdigest()


def opening(number: str = "诬〔2026〕1号", **unusual: object) -> acts.OpenSuspicion:
    usual = {
        "number": number,
        "organ": COUNTY,
        "subjects": (WU,),
        "accusation": "信〔2026〕17号",
        "grounds": "所附转账凭证系伪造",
    }
    return acts.OpenSuspicion.model_validate(usual | unusual)


def identify(accuser: str = "a-1") -> acts.IdentifyAccuser:
    return acts.IdentifyAccuser(accuser=accuser, identity_digest=digest(f"{accuser} 加盐"))


def verify(
    accuser: str = "a-1",
    elements: dict[str, bool | None] = FALSE,
    team: tuple[str, ...] = (CLERK.id, OTHER_CLERK.id),
) -> acts.VerifySuspicion:
    return acts.VerifySuspicion.model_validate(
        {
            "accuser": accuser,
            "elements": elements,
            "findings": "凭证鉴定为伪造",
            "verified_by": team,
        }
    )


def ask(accuser: str = "a-1", to: Organ = CITY) -> acts.RequestDeterminationApproval:
    return acts.RequestDeterminationApproval(accuser=accuser, to=to)


def grant(accuser: str = "a-1", organ: Organ = CITY) -> acts.GrantDeterminationApproval:
    return acts.GrantDeterminationApproval(accuser=accuser, organ=organ)


def refuse(accuser: str = "a-1", organ: Organ = CITY) -> acts.RefuseDeterminationApproval:
    return acts.RefuseDeterminationApproval(
        accuser=accuser, organ=organ, explanation="主观故意证据不足"
    )


def determine(accuser: str = "a-1", *aggravating: str) -> acts.DetermineFalseAccusation:
    return acts.DetermineFalseAccusation(
        accuser=accuser, aggravating=aggravating, explanation="捏造受贿情节，意在阻挠任用"
    )


def dispose(accuser: str = "a-1", disposal: str = "严重警告") -> acts.DisposeAccuser:
    return acts.DisposeAccuser(
        accuser=accuser, disposal=disposal, explanation="已由有权机关作出处分决定"
    )


def hand_over(accuser: str = "a-1", to: Organ = POLICE) -> acts.HandOver:
    report = Document(kind="report", label="核实报告", digest=digest("核实报告"))
    forged = Document(kind="evidence", label="伪造的凭证", digest=digest("凭证"))
    return acts.HandOver(accuser=accuser, to=to, materials=(report, forged))


def mistaken(accuser: str = "a-2") -> acts.ClassifyMistaken:
    return acts.ClassifyMistaken(accuser=accuser, explanation="听信传言，没有诬陷的故意")


def educate(accuser: str = "a-2") -> acts.EducateAccuser:
    return acts.EducateAccuser(accuser=accuser, explanation="当面说明查明的事实和如实反映的要求")


def unfounded(accuser: str | None = "a-1") -> acts.FindUnfounded:
    return acts.FindUnfounded(accuser=accuser, explanation="所反映的问题部分属实")


CLOSE = acts.CloseFalseAccusation()


def opened(instrument: str = NATIONAL, on: str = "2026-03-02") -> Life:
    return begun(opening(), instrument, on=on)


def verified(
    instrument: str = NATIONAL, elements: dict[str, bool | None] = FALSE, on: str = "2026-03-09"
) -> Life:
    """One accuser, verified."""
    return opened(instrument).when(identify()).when(verify(elements=elements), on=on)


def approved(instrument: str = NATIONAL) -> Life:
    """One accuser, whose determination has been approved."""
    life = verified(instrument).when(ask(), on="2026-03-10")
    return life.when(grant(), on="2026-03-20", authority=PAPER)


def determined(instrument: str = NATIONAL) -> Life:
    return approved(instrument).when(determine(), on="2026-03-23")


def found_mistaken(instrument: str = NATIONAL) -> Life:
    """One accuser, who was mistaken."""
    life = opened(instrument).when(identify("a-2"))
    return life.when(verify("a-2", MISTAKEN), on="2026-03-09").when(mistaken())


def lives() -> list[Life]:
    life = approved().when(determine("a-1", "FA-G2"), on="2026-03-23").when(dispose())
    life.when(hand_over())
    life.when(identify("a-2")).when(verify("a-2", MISTAKEN), on="2026-03-25")
    life.when(mistaken()).when(educate(), on="2026-03-26")
    life.when(identify("a-3")).when(verify("a-3"), on="2026-03-27").when(ask("a-3"))
    life.when(refuse("a-3"), on="2026-04-08", authority="市纪〔2026〕12号")
    life.when(unfounded("a-3"), on="2026-04-09").when(CLOSE, on="2026-04-10")
    nobody = begun(opening("诬〔2026〕2号", subjects=()), NATIONAL, on="2026-03-02")
    nobody.when(unfounded(None), on="2026-03-30")
    return [life, nobody]
