"""A page that polls: what its next poll would ask, and what that costs."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.client import Browser
from webapp.db import db

LIVE = re.compile(r'data-live="([^"]+)"')


class Polled:
    """A page as a browser keeps it up to date; `asks` is the address of its next poll."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.first = browser.get(url)
        self.asks = _asks(self.first)

    def poll(self) -> str:
        """What the next poll brings; "" for 204."""
        answer = self.browser.get(self.asks, htmx=True)
        assert answer.status_code in (200, 204)
        if answer.status_code == 204:
            return ""
        self.asks = _asks(answer)
        return str(answer.text)

    def cost(self) -> int:
        """How many statements the next poll sends to the database, signing in included."""
        with statements() as sent:
            self.browser.get(self.asks, htmx=True)
        return len(sent)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(*told: object) -> None:
        sent.append(str(told[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _asks(answer: TestResponse) -> str:
    found = LIVE.search(answer.text)
    assert found is not None, "The page does not poll."
    return html.unescape(found[1])
