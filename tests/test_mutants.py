import pytest

from tests.mutants.faults import ROOT, Fault, faults

FAULTS = faults()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_still_fits_the_source(fault: Fault) -> None:
    assert fault.applies_to(ROOT), f"「{fault.text}」 in {fault.file}: once, no more, no less"
    assert fault.becomes != fault.text


def test_faults_are_told_apart_by_name() -> None:
    assert len({each.name for each in FAULTS}) == len(FAULTS) >= 25
