"""The HTTP door: the application, the place where it listens, and how long it answers."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.operations import operations
from gateway.looks import Looks
from workers.children import StackFault

HEAD_LIMIT_BYTES: Final = 16 * 1024
CONNECTIONS_LIMIT: Final = 200  # beyond them 503 is answered
IDLE_LIMIT_S: Final = 5
GRACE_S: Final = 5  # what a request under way may still take when we stop

log = structlog.get_logger()


def application(looks: Looks) -> FastAPI:
    """Make the application. Its pages of documentation load from elsewhere, so there are none."""
    app = FastAPI(
        title="容错纠错",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Guarded)],
    )
    app.include_router(operations(looks))
    return app


class Guarded:
    """Tells browsers and what stands between to keep nothing, and to take nothing for a page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "no-store"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self._app(scope, receive, sending)


class PortTaken(StackFault):
    """Somebody else listens there."""


def listening(host: str, port: int) -> socket.socket:
    """Listen at an address; port 0 is any that is free. Raises StackFault, PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"{host} 的端口 {port} 已被占用。") from error
        raise StackFault(f"不能在 {host} 的端口 {port} 上应答：{error.strerror}") from error


async def serve(app: FastAPI, door: socket.socket) -> NoReturn:
    """Answer until cancelled; what is under way then is finished first."""
    server = _Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,  # what it says goes where our own logs go
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=HEAD_LIMIT_BYTES,
            limit_concurrency=CONNECTIONS_LIMIT,
            timeout_keep_alive=IDLE_LIMIT_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    with door:
        log.info("http_listening", host=door.getsockname()[0], port=door.getsockname()[1])
        serving = asyncio.create_task(server.serve([door]))
        try:
            await asyncio.wait({serving})
        finally:
            server.should_exit = True
            await serving  # what it met, if it ended by itself, is raised here
    raise StackFault("HTTP 服务自行停止了；原因见日志。")


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever started us."""
        yield
