"""The one kind of thing the domain is made of: values that never change."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value: equal when its parts are equal, refusing any key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
