"""An instrument of one's own comes into force by lying in the right folder, and no other way."""

import shutil
from pathlib import Path

import pytest

from domain.refusals import Refusal
from gateway import cli
from gateway.commands.rules_in_force import rules_in_force
from gateway.files import RulebookFault

OWN = Path(__file__).parent / "fresh_pack.yaml"
NAME = "qingxi_2031"


def folder_with_own(parent: Path) -> Path:
    folder = parent / "policies"
    folder.mkdir()
    shutil.copy(OWN, folder)
    return folder


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGCUO_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()


def test_without_a_folder_only_what_comes_with_the_program_holds() -> None:
    with pytest.raises(Refusal):
        rules_in_force()(NAME)


def test_what_lies_in_the_home_holds(tmp_path: Path) -> None:
    folder_with_own(tmp_path / "home")
    assert rules_in_force()(NAME).policy.id == NAME


def test_a_folder_of_the_environment_holds_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGCUO_POLICIES", str(folder_with_own(tmp_path)))
    assert rules_in_force()(NAME).policy.id == NAME


def test_a_folder_that_is_named_and_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RulebookFault, match="没有这个目录"):
        rules_in_force(policies=tmp_path / "nowhere")


def test_the_commands_know_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder_with_own(tmp_path / "home")
    assert cli.run(["policy", "explain", NAME]) == 0
    assert "清溪县" in capsys.readouterr().out
