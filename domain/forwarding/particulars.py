"""The only words a forwarding may carry beside the names of organs."""

from typing import Annotated

from pydantic import StringConstraints

RegisterNumber = Annotated[  # too short and too plain to tell a story
    str, StringConstraints(pattern=r"^[^\s，。；：、！？,;:!?]{1,30}$")
]
