"""Lives that together record every event of an accountability proceeding."""

from domain.accountability import acts
from domain.accountability.events import (
    Change,
    Responsibility,
    Screening,
    SelfCriticism,
    Spared,
    SparedFor,
)
from tests.support.siblings import BUREAU, COUNTY, FIRM, WU, ZHENG, Life, begun

PAPER = "某报"
PERSONNEL = "某县委组织部"


def lives() -> list[Life]:
    return [_decided(), _transferred(), _resumed()]


def _decided() -> Life:
    """Two subjects, one held to account and one spared, to the end and after it."""
    life = begun(
        acts.OpenAccountability(number="问〔2026〕1号", organ=COUNTY, subjects=(WU, ZHENG)),
        "wuyang_accountability_2017",
        on="2026-03-02",
    )
    for each in (WU, ZHENG):
        life.when(
            acts.ScreenForTolerance(
                subject=each.id, result=Screening.NOT_APPLICABLE, explanation="不属情形"
            )
        )
    life.when(
        acts.SplitResponsibility(
            subject=WU.id, responsibility=Responsibility.MAIN, explanation="直接主管"
        )
    )
    life.when(
        acts.HoldAccountable(
            subject=WU.id,
            forms=("circular", "organizational"),
            measures=("调整职务",),
            situations=("WY-A2",),
            aggravating=("WY-G1",),
            explanation="敷衍塞责，拒不补救",
        ),
        on="2026-03-20",
    )
    life.when(
        acts.ExemptSubject(
            subject=ZHENG.id,
            result=Spared.NOT_HELD,
            basis=SparedFor.OTHER,
            explanation="已尽督促之责",
        )
    )
    life.when(acts.DecideAccountability(explanation="一人问责，一人不予问责"))
    life.when(acts.AnnounceDecision(subject=WU.id, to="某局党组"), on="2026-03-23")
    life.when(acts.InformPersonnelOrgan(subject=WU.id, to=PERSONNEL))
    life.when(acts.PublicizeDecision(subject=WU.id, where=PAPER))
    life.when(
        acts.SubmitSelfCriticism(subject=WU.id, way=SelfCriticism.WRITTEN, to="某县纪委监委"),
        on="2026-04-01",
    )
    life.when(acts.CompleteFormalities(subject=WU.id, summary="免去原职，另任一般职务"))
    life.when(acts.ArchiveDecision(subject=WU.id, archive_number="档〔2026〕1号"))
    life.when(acts.CloseAccountability(), on="2026-04-10")
    life.when(
        acts.ChangeDecision(
            subject=WU.id, result=Change.VARY, forms=("admonition",), explanation="复核认为过重"
        ),
        on="2026-05-12",
    )
    life.when(acts.RestoreSubject(subject=WU.id, scope=PAPER, manner="原版面刊登更正"))
    return life


def _transferred() -> Life:
    life = begun(
        acts.OpenAccountability(number="问〔2026〕2号", organ=COUNTY, subjects=(ZHENG, FIRM)),
        "accountability_2019",
        on="2026-03-02",
    )
    life.when(acts.RecordAuthority(subject=ZHENG.id, managed_by="市委", organ=BUREAU))
    life.when(acts.TransferSubject(subject=ZHENG.id, to=BUREAU, explanation="市管干部"))
    return life


def _resumed() -> Life:
    life = begun(
        acts.OpenAccountability(number="问〔2026〕3号", organ=COUNTY, subjects=(WU,)),
        "hubei_accountability_2022",
        on="2026-03-02",
    )
    life.when(acts.ResumeAccountability(subject=WU.id, explanation="容错认定已被撤销"))
    return life
