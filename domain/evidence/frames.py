"""What is hashed of a stored event: its bytes as they were committed, framed without ambiguity."""

import struct
from typing import NamedTuple
from uuid import UUID

HEAD = struct.Struct(">q16sqq")
LENGTH = struct.Struct(">i")


class Entry(NamedTuple):
    """An event as it lies in the log; leaf `position - 1` of the tree is made of it."""

    position: int
    matter_id: UUID
    version: int
    recorded_at: int  # microseconds since 1970, UTC
    topic: str
    state: bytes

    @property
    def frame(self) -> bytes:
        """The database makes the same bytes (`log.frame`)."""
        topic = self.topic.encode()
        return b"".join(
            (
                HEAD.pack(self.position, self.matter_id.bytes, self.version, self.recorded_at),
                LENGTH.pack(len(topic)),
                topic,
                LENGTH.pack(len(self.state)),
                self.state,
            )
        )
