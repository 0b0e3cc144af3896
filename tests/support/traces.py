"""Looks for words in what somebody keeps, in every shape in which they may be kept."""

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, Payloads

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


def shapes(word: str) -> set[bytes]:
    """The word as bytes: encoded, escaped, in hex, and within base64 whatever stands before it."""
    plain = {word.encode(encoding) for encoding in ENCODINGS}
    escaped = json.dumps(word)[1:-1].encode()
    found = plain | {escaped, escaped.upper().replace(rb"\U", rb"\u"), quote(word).encode()}
    for each in plain:
        found |= {each.hex().encode(), each.hex().upper().encode()}
        found |= {_within_base64(each, before) for before in range(3)}
    return found | {each.translate(bytes.maketrans(b"+/", b"-_")) for each in found}


def _within_base64(told: bytes, before: int) -> bytes:
    """The part that does not depend on what stands before and after."""
    first, last = -(-before * 8 // 6), (before + len(told)) * 8 // 6
    return base64.b64encode(b"\0" * before + told + b"\0\0")[first:last]


def found_in(kept: Iterable[bytes], words: Iterable[str]) -> set[str]:
    whole = b"\0".join(kept)
    return {word for word in words if any(shape in whole for shape in shapes(word))}


def of_files(*folders: Path) -> list[bytes]:
    return [file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file()]


def of_tables(database: Path) -> Iterator[bytes]:
    """Every value of every table; in the file a long one may lie in pieces."""
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 (its own name)
                yield from (each if isinstance(each, bytes) else str(each).encode() for each in row)


def of_messages(messages: Iterable[Message]) -> Iterator[bytes]:
    """Each message as it is sent, and the inside of each of its payloads."""
    for message in messages:
        yield message.SerializeToString()
        yield from (payload.data for _, payload in payloads(message))


def payloads(message: Message, name: str = "") -> Iterator[tuple[str, Payload]]:
    """Every payload however deep, with the name of the field or the key that holds it."""
    if isinstance(message, Payload):
        yield name, message
    elif isinstance(message, Payloads):
        yield from ((name, each) for each in message.payloads)
    else:
        for key, each in _within(message):
            yield from payloads(each, key)


def _within(message: Message) -> Iterator[tuple[str, Message]]:
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            yield from ((key, each) for key, each in value.items() if isinstance(each, Message))
        elif isinstance(value, Message):
            yield field.name, value
        else:
            yield from ((field.name, each) for each in value)
