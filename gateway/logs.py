"""Logging, set up once: facts in English names, JSON for collectors, colour on a terminal."""

import logging
import sys
import traceback

import structlog


def _kind_and_place(
    _logger: object, _method: str, told: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Of an exception in a library's log what kind it is and where: its words may name somebody."""
    trouble = told.get("exc_info")
    if "_record" in told and isinstance(trouble, tuple) and trouble[1] is not None:
        del told["exc_info"]
        *_, last = traceback.extract_tb(trouble[2]) or [None]
        told["error"] = type(trouble[1]).__name__
        told["at"] = f"{last.filename}:{last.lineno}" if last else None
    return told


def set_up(level: str = "INFO") -> None:
    """Send our own and the libraries' logs to stderr in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _kind_and_place,
        structlog.processors.format_exc_info,
    ]
    rendering: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendering],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("temporalio").setLevel("WARNING")
    logging.getLogger("httpx2").setLevel("WARNING")  # it tells addresses, which may hold a token
