"""The inbox page among `rows` conversations, against rendering the same page from memory."""

import contextvars
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import before_render_template
from flask.testing import FlaskClient
from jinja2 import Template
from sqlalchemy import event, insert
from werkzeug.test import TestResponse

from tests import factories
from tests.bench import core, filling
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    Conversation,
    Membership,
    Role,
    Texting,
    User,
)
from webapp.services import inbox_live

GOAL = 4.0
TEXTERS = 50
PAGES = ("needs", "unread", "all", "archived")
TIMES = 15


def measure(database: str, rows: int) -> core.Result:
    """Fifty texters share the conversations; every page of one of them is opened many times."""
    with core.ground(database) as ground:
        token = _fill(rows)
        ground.analyze()
        client = ground.app.test_client()
        Browser.sign_in_as(client, token)  # type: ignore[arg-type]
        rendering: list[float] = []
        with _rendered_again(rendering):
            pages = {
                view: _open(client, f"/c/bench/inbox?view={view}", rendering) for view in PAGES
            }
            pages["all, in the middle"] = _open(client, _middle(client), rendering)
        statements = _statements(client, "/c/bench/inbox")
        thread = _open(client, f"/c/bench/inbox/{TEXTERS}", [])
        tick = inbox_live.glance(1, db.session.get_one(User, 1)).tick
        poll = _open(client, f"/c/bench/inbox/live?since={tick}", [], status=204)
    return core.Result(
        job="inbox",
        database=database,
        rows=rows,
        yardstick=statistics.median(rendering) * 1000,
        product=statistics.median(pages.values()) * 1000,
        goal=GOAL,
        unit="ms",
        more={
            **{name: round(seconds * 1000, 2) for name, seconds in pages.items()},
            "a conversation": round(thread * 1000, 2),
            "poll_ms": round(poll * 1000, 2),
            "statements": statements,
        },
    )


@contextmanager
def _rendered_again(seconds: list[float]) -> Iterator[None]:
    """Each page is rendered once more from what is in memory already; that is the yardstick."""

    def again(_app: Any, template: Template, context: dict[str, Any], **_: Any) -> None:
        began = time.perf_counter()
        template.render(context)
        seconds.append(time.perf_counter() - began)

    with before_render_template.connected_to(again):
        yield


def _open(client: FlaskClient, url: str, rendering: list[float], *, status: int = 200) -> float:
    """The median time of a page, what the yardstick took in between left out."""
    taken = []
    for _ in range(TIMES):
        before = sum(rendering)
        began = time.perf_counter()
        response = _get(client, url)
        seconds = time.perf_counter() - began
        if response.status_code != status:
            raise RuntimeError(f"{url} answered {response.status_code}.")
        taken.append(seconds - (sum(rendering) - before))
    return statistics.median(taken)


def _get(client: FlaskClient, url: str) -> TestResponse:
    """A request in a context of its own, as in a server: it finds nothing an earlier one read."""
    return contextvars.Context().run(FlaskClient.get, client, url)


def _statements(client: FlaskClient, url: str) -> int:
    """How many statements one view of a page sends to the database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    _get(client, url)
    event.remove(db.engine, "before_cursor_execute", note)
    return len([statement for statement in seen if statement != "BEGIN"])


def _middle(client: FlaskClient) -> str:
    """The address of a page half-way down a long list."""
    page = _get(client, "/c/bench/inbox?view=all").get_data(as_text=True)
    for _ in range(5):
        start = page.find("/inbox?after=")
        if start < 0:
            break
        url = "/c/bench" + page[start : page.index('"', start)].replace("&amp;", "&")
        page = _get(client, url).get_data(as_text=True)
    return url


def _fill(rows: int) -> str:
    """Conversations over the last months; one in ten needs attention, one in four is archived."""
    now = utc_now()
    campaign = filling.campaign(now)
    filling.contacts(campaign, rows, now)
    with transaction():
        for n in range(1, TEXTERS + 1):
            db.session.add(User(id=n, email=f"texter{n}@example.org", name=f"Jordan {n}"))
        db.session.flush()
        for n in range(1, TEXTERS + 1):
            db.session.add(Membership(campaign_id=1, user_id=n, role=Role.TEXTER))
        db.session.add(
            Action(
                campaign_id=1,
                kind=ActionKind.P2P,
                name="Doorstep to Ballot",
                state=ActionState.LIVE,
                number_id=1,
            )
        )
        db.session.flush()
        db.session.add(ActionTally(action_id=1, total=rows, sent=rows))
        token = factories.session_token(db.session.get_one(User, 1))
    for start in range(1, rows + 1, filling.AT_ONCE):
        some = range(start, min(start + filling.AT_ONCE, rows + 1))
        with transaction():
            db.session.connection().execute(
                insert(Conversation), [_conversation(n, now) for n in some]
            )
    return token


def _conversation(n: int, now: datetime) -> dict[str, Any]:
    turn = n // TEXTERS
    needs = turn % 10 == 0
    return {
        "campaign_id": 1,
        "contact_id": n,
        "action_id": 1,
        "number_id": 1,
        "texting": Texting.P2P,
        "assignee_id": n % TEXTERS + 1,
        "preview": "Yes! Where do I vote? I just moved to Ashland Ave",
        "last_message_at": now - timedelta(seconds=n * 7),
        "has_replied": needs,
        "needs_attention": needs,
        "needs_reply": needs,
        "is_unread": turn % 20 == 0,
        "is_archived": turn % 4 == 3,
    }
