"""A checkpoint that is not as it must be is refused as such, whatever it is."""

import pytest

from domain.evidence.notes import Checkpoint, NoteRefused

ROOT = "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log",
        "log\n",
        "log\n7\n",
        f"log\n7{ROOT}\n",
        f"log\n7\n{ROOT}",
        f"log\n07\n{ROOT}\n",
        f"log\n-7\n{ROOT}\n",
        f"log\n{'7' * 5_000}\n{ROOT}\n",
        f"log\n7\n{ROOT}\n\n",
        f"\n7\n{ROOT}\n",
    ],
)
def test_a_checkpoint_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        Checkpoint.parse(text)


def test_a_checkpoint_may_say_more_in_further_lines() -> None:
    found = Checkpoint.parse(f"log\n7\n{ROOT}\nmore\n")
    assert (found.size, found.extension) == (7, ("more",))
