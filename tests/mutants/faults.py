"""The faults planted by hand in the domain, as read from faults.yaml."""

from pathlib import Path

import yaml

from domain.values import Value

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


class Fault(Value):
    """One thing done wrong, and what that would mean for somebody."""

    name: str
    law: str
    file: str
    text: str  # exactly once in the file
    becomes: str
    tests: tuple[str, ...]  # tests/domain/test_<name>.py, the most likely to notice first

    def applies_to(self, root: Path) -> bool:
        return (root / self.file).read_text(encoding="utf-8").count(self.text) == 1

    def plant(self, root: Path) -> str:
        """Put the fault into the tree; gives the file as it was."""
        sound = (root / self.file).read_text(encoding="utf-8")
        (root / self.file).write_text(sound.replace(self.text, self.becomes), encoding="utf-8")
        return sound


def faults() -> list[Fault]:
    told = yaml.safe_load((HERE / "faults.yaml").read_text(encoding="utf-8"))
    return [Fault.model_validate(each) for each in told]
