"""Papers in a file, and how one is delivered."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from domain.values import Text, Value

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]  # SHA-256 of the document


class Document(Value):
    """A paper in the file: what it is, and the digest by which it can be told from any other.

    `kind` is the id of a document the instrument requires, or any other word.
    """

    kind: Text
    label: Text
    digest: Digest


class Delivery(StrEnum):
    """How a paper was delivered (送达)."""

    IN_PERSON = "in_person"  # 直接送达
    LEFT = "left"  # 留置送达
    POSTED = "posted"  # 邮寄
    ELECTRONIC = "electronic"  # 电子送达
    THROUGH_UNIT = "through_unit"  # 所在单位转交
