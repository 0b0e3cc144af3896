"""What the domain is made of: values that never change, and words that are never empty."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Value(BaseModel):
    """An immutable value: equal when its parts are equal, refusing any key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Several = Annotated[tuple[Text, ...], Field(min_length=1)]
