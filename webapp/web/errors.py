"""Refusals and failures as pages, or as a notice for HTMX."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from webapp.db import db, is_away
from webapp.errors import (
    BusyError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusedError,
)
from webapp.web.htmx import wants_part
from webapp.web.logs import log

BUSY = "Heed is busy. Nothing was changed. Try again in a moment."
STALE = "This page was open too long. Your text is still here. Send it again."
# What HTMX shows; the pages of these statuses say it in their own words.
SENTENCES = {
    400: "Something in the request was missing. Go back and try again.",
    403: "You can't do that here.",
    404: "That isn't here any more.",
    409: "Someone was here a moment before you. Look at the page again before you go on.",
    413: "That file or text is too large.",
    429: "Too many tries. Wait 5 minutes.",
    500: "Something went wrong on our side. Try again.",
}
PAGES = (400, 403, 404, 409, 413, 429, 500, 503)
# Never shown again on the page that asks to send a form once more.
NOT_REPEATED = ("csrf_token", "password", "present", "file")
# Bytes of a request that is too large.
LARGEST_THROWN_AWAY = 20_000_000
STATUS_OF = {NotFoundError: 404, ForbiddenError: 403, InvalidError: 422}


def set_up(app: Flask) -> None:
    """Map every refusal and failure to its answer (decision 20)."""
    app.log_exception = _leave_to_the_answer  # type: ignore[assignment,method-assign]
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(BusyError, _busy)
    app.register_error_handler(DBAPIError, _database_failed)
    app.register_error_handler(OverflowError, _overflow)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, _broken)


def answer(status: int, *, reason: str = "", **context: Any) -> Response:
    """The page for a status, or for HTMX a notice that goes to the page's #alerts."""
    if not wants_part():
        page = f"errors/{status if status in PAGES else 400}.html"
        return make_response(render_template(page, reason=reason, **context), status)
    words = reason or SENTENCES.get(status) or f"{HTTPStatus(status).phrase}."
    response = make_response(
        render_template("errors/_notice.html", reason=words, status=status), status
    )
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#alerts", "innerHTML"
    return response


def _refused(refusal: RefusedError) -> Response:
    return answer(STATUS_OF.get(type(refusal), 409), reason=str(refusal))


def _busy(_error: Exception) -> Response:
    response = answer(503, reason=BUSY)
    response.headers["Retry-After"] = "5"
    return response


def _database_failed(error: DBAPIError) -> Response:
    db.session.rollback()
    if is_away(error):
        log.warning("database away", reference=g.get("reference"), kind=type(error).__name__)
        return _busy(error)
    if _is_duplicate(error):
        return answer(409)
    if _asks_for_too_large_an_id(error):
        return answer(404)
    raise error


def _is_duplicate(error: DBAPIError) -> bool:
    """Whether two people made the same thing at once, and the other one was quicker."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return code in ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


def _asks_for_too_large_an_id(error: DBAPIError) -> bool:
    """Whether a row was looked up by a number that its column cannot hold (PostgreSQL)."""
    is_look_up = (error.statement or "").lstrip().upper().startswith("SELECT")
    return is_look_up and getattr(error.orig, "sqlstate", None) == "22003"


def _overflow(error: OverflowError) -> Response:
    """The same on SQLite, whose driver refuses the number before the database sees it."""
    if "SQLite" not in str(error):
        raise error
    db.session.rollback()
    return answer(404)


def _leave_to_the_answer(_error: object) -> None:
    """Flask would log a fault of ours a second time, without its reference."""


def _stale(_error: CSRFError) -> Response:
    """The form comes back with what was typed, to be sent again with a fresh token.

    Not for a form that another site sent: its text is not this person's.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return answer(400)
    typed = {
        name: values for name, values in request.form.lists() if not name.endswith(NOT_REPEATED)
    }
    return answer(400, reason=STALE, typed=typed, action=request.full_path.rstrip("?"))


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    if status == 413:
        _read_to_its_end()
    response = answer(status, wait="5 minutes", limit=_limit())
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    if status == 429:
        response.headers["Retry-After"] = "300"
    return response


def _read_to_its_end() -> None:
    """Take what is still being sent, unless it is huge, and throw it away.

    Somebody in the middle of sending does not read; the connection would break under them and
    they never saw the answer. What is larger is broken off.
    """
    left = request.content_length or 0
    while 0 < left <= LARGEST_THROWN_AWAY:
        read = len(request.environ["wsgi.input"].read(min(left, 65_536)))
        left -= read or left


def _limit() -> str | None:
    """The most that this page takes, in words."""
    limit = request.max_content_length
    return f"{limit // 1_000_000} MB" if limit else None


def _broken(error: Exception) -> Response:
    """A fault of ours: logged with its traceback, shown with a code to look it up by."""
    cause = getattr(error, "original_exception", None) or error
    db.session.rollback()
    reference = g.get("reference", "")
    log.error("broken", reference=reference, endpoint=request.endpoint, exc_info=cause)
    return answer(500, reference=reference)
