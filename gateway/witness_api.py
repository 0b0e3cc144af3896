"""A witness that answers over HTTP, as C2SP tlog-witness has it: `POST /add-checkpoint`."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request, Response

from domain.evidence.notes import NoteRefused, decoded
from workers.sealing.witness_book import WitnessBook, WitnessRefused

LARGEST = 64 * 1024  # bytes of a request; a proof has some twenty lines
HASHES = 63  # lines of a proof, at most


def witness_application(book: WitnessBook) -> FastAPI:
    app = FastAPI(title="容错纠错 见证", openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            old, proof, note = read_request(body)
            line = await asyncio.to_thread(book.add, old, proof, note)
        except NoteRefused as refused:
            return Response(str(refused), HTTPStatus.BAD_REQUEST)
        except WitnessRefused as refused:
            if refused.status == HTTPStatus.CONFLICT:
                return Response(f"{refused.size}\n", refused.status, media_type="text/x.tlog.size")
            return Response(str(refused), refused.status)
        return Response(f"{line}\n", media_type="text/plain; charset=utf-8")

    return app


async def _body(request: Request) -> bytes | None:
    """What was sent; None where it is more than any checkpoint."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return body


def read_request(body: bytes) -> tuple[int, Sequence[bytes], str]:
    """`old N`, the proof's hashes, an empty line, the checkpoint. Raises NoteRefused."""
    try:
        head, gap, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise NoteRefused("不是 UTF-8") from None
    first, *hashes = head.split("\n")
    told = first.removeprefix("old ")
    if not gap or told == first or not (told.isascii() and told.isdigit()) or len(hashes) > HASHES:
        raise NoteRefused("请求不合格式")
    return int(told), [decoded(each) for each in hashes], note
