"""A browser for tests: it carries the form's token, and criticizes every page it is shown."""

import contextvars
import hashlib
import os
import re
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder, TestResponse

from tests import critic
from webapp.db import db

SAFE = ("GET", "HEAD", "OPTIONS")
POSTING_FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL | re.IGNORECASE)
_reading: contextvars.ContextVar[str | None] = contextvars.ContextVar("reading", default=None)


@event.listens_for(Session, "before_commit")
def _no_get_changes_anything(_session: Session) -> None:
    url = _reading.get()
    assert url is None, f"GET {url} opened a transaction; reading must change nothing"


def _without_token(html: str, url: str) -> list[str]:
    """Forms that post and do not carry the session's token."""
    forms = POSTING_FORM.findall(html)
    return [f"{url}: {form[:80]} has no token" for form in forms if "csrf_token" not in form]


def _method(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The verb of a request; one that follows a redirect comes ready-made."""
    made = args[0] if args else None
    return made.method if isinstance(made, EnvironBuilder) else str(kwargs.get("method", "GET"))


class Browser(FlaskClient):
    """A test client that posts like a browser and fails on pages the critic finds fault with.

    Each request runs in a context of its own, as it would in a server: nothing the test has
    loaded or set is seen by it, and the test reads what the request wrote.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Any request; with `htmx=True` as HTMX would ask, with `csrf=False` without the token.

        `data` of a POST gets the session's token unless it has one.
        """
        if kwargs.pop("htmx", False):
            kwargs["headers"] = {"HX-Request": "true", **kwargs.get("headers", {})}
        method = _method(args, kwargs)
        if kwargs.pop("csrf", True) and method not in SAFE:
            kwargs["headers"] = {"X-CSRFToken": self.csrf_token(), **kwargs.get("headers", {})}
        response: TestResponse = contextvars.Context().run(self._open, args, kwargs)
        if has_app_context():
            db.session.rollback()
        self._criticize(response)
        return response

    def post(self, url: str, data: Any = None, **kwargs: Any) -> TestResponse:  # type: ignore[override]
        """A POST of a form's fields."""
        return self.open(url, method="POST", data=data, **kwargs)

    def _open(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TestResponse:
        _reading.set(str(args[0]) if args and _method(args, kwargs) in SAFE else None)
        # A streamed answer is read here, while the context of its request is open.
        return super().open(*args, **{"buffered": True, **kwargs})

    def csrf_token(self) -> str:
        """A token that fits this browser's session, as a form of any page would hold it."""
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", hashlib.sha256(os.urandom(32)).hexdigest())
        key = self.application.config["SECRET_KEY"]
        return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(raw))

    def sign_in_as(self, token: str) -> None:
        """Put a session's token into this browser's cookie."""
        with self.session_transaction() as session:
            session.clear()
            session["_user_id"] = token

    def _criticize(self, response: TestResponse) -> None:
        if response.mimetype != "text/html" or response.status_code in (204, 301, 303, 308):
            return
        url = response.request.path
        faults = critic.inspect(response.text, url=url) + _without_token(response.text, url)
        assert not faults, "\n".join(faults)
