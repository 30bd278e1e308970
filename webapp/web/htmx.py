"""Pages and parts: the same address gives a whole page, or the part that HTMX asked for."""

from typing import Any

from flask import Flask, Response, make_response, redirect, render_template
from htmx_flask import Htmx, request


def set_up(app: Flask) -> None:
    """Give every request its `htmx` attribute."""
    Htmx(app)


def wants_part() -> bool:
    """Whether HTMX asks for a part; a boosted link or the Back button asks for the page."""
    asked = request.htmx
    return bool(asked) and not asked.boosted and not asked.history_restore_request


def render(
    page: str, part: str | None = None, *, status: int | None = None, **context: Any
) -> Response:
    """Render the part when HTMX asked for one, else the page.

    The status is 200, or 422 when `form` is in the context and has errors, unless one is given.
    """
    if status is None:
        status = 422 if getattr(context.get("form"), "errors", None) else 200
    template = part if part is not None and wants_part() else page
    return make_response(render_template(template, **context), status)


def part_or_redirect(part: str, url: str, **context: Any) -> Response:
    """After a write: the fresh part for HTMX, otherwise a redirect (303) to `url`."""
    if wants_part():
        return make_response(render_template(part, **context))
    return see_other(url)


def see_other(url: str) -> Response:
    """Send the browser to `url` with GET: a 303, or for HTMX a whole-page visit.

    A 303 would be followed by HTMX inside its own request, and the page would land in the
    element that the part was meant for.
    """
    if not wants_part():
        return make_response(redirect(url, 303))
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response
