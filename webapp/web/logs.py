"""Logs for the operator: ids and durations, never a phone number or the body of a text."""

import logging
import re
import secrets
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request

from webapp.config import Settings

# Numbers in E.164, and the values of a row that PostgreSQL refused, should they reach a log by
# way of an error message.
PHONE = re.compile(r"\+\d{8,15}")
REFUSED_ROW = re.compile(r"^(DETAIL: ).*$", re.MULTILINE)
QUIET = ("werkzeug", "flask-limiter", "alembic", "huey", "httpx2", "httpcore2")

log = structlog.stdlib.get_logger("heed")


class _Handler(logging.StreamHandler[Any]):
    """Ours, so that a second application in the same process replaces it."""


def set_up(app: Flask, settings: Settings) -> None:
    """Send every log line to standard error in one form, and log each request once."""
    _configure(settings.log, logging.WARNING if settings.testing else logging.INFO)

    @app.before_request
    def begin() -> None:
        g.reference = secrets.token_hex(4)
        g.began = time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        # A burst of carriers' calls is no news, unless one is refused.
        if request.blueprint != "webhooks" or response.status_code >= 400:
            log.info("request", **_facts(response))
        return response


def _facts(response: Response) -> dict[str, Any]:
    """What may be said about a request; its query string may hold a number, so it may not."""
    facts: dict[str, Any] = {
        "reference": g.get("reference"),
        "method": request.method,
        "endpoint": request.endpoint,
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        "session": g.get("session_id"),
        "campaign": g.get("slug"),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _configure(form: str, level: int) -> None:
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_contents,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    writer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        # Line breaks are escaped, so that nobody forges a line by what they send.
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, writer],
        )
    )
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not isinstance(h, _Handler)] + [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_contents(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = REFUSED_ROW.sub(r"\1…", PHONE.sub("+…", value))
    return event
