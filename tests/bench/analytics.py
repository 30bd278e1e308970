"""The page of Analytics over `rows` first texts, against one statement that counts them."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Insert, func, insert, select

from tests import factories
from tests.bench import core, filling
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionList,
    ActionState,
    ActionTally,
    Actor,
    ContactList,
    Conversation,
    Direction,
    Event,
    ListMember,
    Membership,
    Message,
    MessageKind,
    MessageState,
    Role,
    Script,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import figures

GOAL = 1.0
TIMES = 9
DAYS = 3
# One text in so many: answered, answered by a stop word, not delivered.
REPLIES, STOPS, FAILS = 20, 50, 25
NEVER = 3_600.0


def measure(database: str, rows: int) -> core.Result:
    """A broadcast of three days, two scripts and two lists; everything is counted from nothing,
    then once more after a minute in which some people answered."""
    with core.ground(database) as ground:
        now = utc_now()
        token = _fill(rows, now)
        ground.analyze()
        writes: list[float] = []
        with core.clock() as first:
            left = figures.bring_up_to_date(_timed(writes), now=now, seconds=NEVER)
        quiet, lively = _again(now), _answered(rows, now)
        client = ground.app.test_client()
        Browser.sign_in_as(client, token)  # type: ignore[arg-type]
        yardstick, product = core.rounds(_counted, lambda: _open(client))
    blocks = rows // 10_000 + 1
    return core.Result(
        job="analytics",
        database=database,
        rows=rows,
        yardstick=yardstick * 1000,
        product=product * 1000,
        goal=GOAL if rows >= 100_000 else None,
        unit="ms",
        more={
            "roll_up_s": round(first(), 2),
            "a_block_ms": round(first() / blocks * 1000, 1),
            "longest_transaction_ms": round(max(writes) * 1000, 1),
            "a_quiet_minute_s": round(quiet, 3),
            "a_lively_minute_s": round(lively, 3),
            "left": left,
        },
    )


def _counted() -> float:
    with core.clock() as seconds:
        db.session.execute(
            select(Message.script_id, Message.state, func.count())
            .where(Message.campaign_id == 1, Message.kind == MessageKind.FIRST)
            .group_by(Message.script_id, Message.state)
        ).all()
    db.session.rollback()
    return seconds()


def _open(client: FlaskClient) -> float:
    taken = []
    for _ in range(TIMES):
        with core.clock() as seconds:
            response = FlaskClient.get(client, "/c/bench/data/analytics?days=30")
        if response.status_code != 200:
            raise RuntimeError(f"Analytics answered {response.status_code}.")
        taken.append(seconds())
    return statistics.median(taken)


def _again(now: datetime) -> float:
    with core.clock() as seconds:
        figures.bring_up_to_date(transaction, now=now + timedelta(seconds=30), seconds=NEVER)
    return seconds()


def _answered(rows: int, now: datetime) -> float:
    """A minute in which 300 people from all over the audience answer."""
    minute = now + timedelta(minutes=10)
    some = [n for n in range(7, rows, max(1, rows // 300)) if n % REPLIES and n % STOPS]
    with transaction():
        _write(insert(Conversation), [_talk(n, minute) for n in some])
        _write(insert(Message), [_inbound(n, minute, "none") for n in some])
    with core.clock() as seconds:
        later = minute + timedelta(minutes=1)
        figures.bring_up_to_date(transaction, now=later, seconds=NEVER)
    return seconds()


def _timed(writes: list[float]) -> Any:
    @contextmanager
    def unit() -> Iterator[None]:
        began = time.perf_counter()
        with transaction():
            yield
        writes.append(time.perf_counter() - began)

    return unit


def _fill(rows: int, now: datetime) -> str:
    campaign = filling.campaign(now)
    filling.contacts(campaign, rows, now)
    began = now - timedelta(days=DAYS, hours=1)
    with transaction():
        db.session.add(User(id=1, email="jordan@example.org", name="Jordan"))
        db.session.flush()
        db.session.add(Membership(campaign_id=1, user_id=1, role=Role.OWNER))
        kind = ActionKind.BROADCAST
        db.session.add(
            Action(
                id=1,
                campaign_id=1,
                kind=kind,
                name="Rally on Saturday",
                state=ActionState.LIVE,
                number_id=1,
            )
        )
        half = ContactList(campaign_id=1, name="Half", size=rows // 2, is_ready=True)
        db.session.add(half)
        db.session.flush()
        db.session.add(ActionTally(action_id=1, total=rows, sent=rows))
        db.session.add_all(ActionList(action_id=1, list_id=n) for n in (1, half.id))
        db.session.add_all(Script(id=n, action_id=1, position=n, body="Hi") for n in (1, 2))
        halves = [{"list_id": half.id, "contact_id": n} for n in range(2, rows + 1, 2)]
        _write(insert(ListMember), halves)
        token = factories.session_token(db.session.get_one(User, 1))
    pace = timedelta(days=DAYS) / rows
    for start in range(1, rows + 1, filling.AT_ONCE):
        some = range(start, min(start + filling.AT_ONCE, rows + 1))
        with transaction():
            _write(insert(Message), [_text(n, began + n * pace) for n in some])
            _write(insert(Conversation), [_talk(n, now) for n in some if n % REPLIES == 0])
    with transaction():
        answers = list(range(REPLIES, rows + 1, REPLIES))
        _write(insert(Message), [_inbound(n, _when(n, began, pace), "none") for n in answers])
        stops = list(range(STOPS, rows + 1, STOPS))
        _write(insert(TrailEntry), [_stop(n, _when(n, began, pace)) for n in stops])
    return token


def _when(n: int, began: datetime, pace: timedelta) -> datetime:
    return began + n * pace + timedelta(seconds=30 + n % 3_000)


def _write(statement: Insert, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(statement, rows)


_SAME: dict[str, Any] = {
    "campaign_id": 1,
    "action_id": 1,
    "number_id": 1,
    "texting": Texting.BROADCAST,
    "media": [],
    "error_reason": "",
    "is_reaction": False,
    "wrote_back": False,
}


def _text(n: int, at: datetime) -> dict[str, Any]:
    failed = n % FAILS == 1
    return _SAME | {
        "contact_id": n,
        "conversation_id": None,
        "direction": Direction.OUT,
        "kind": MessageKind.FIRST,
        "state": MessageState.UNDELIVERED if failed else MessageState.DELIVERED,
        "error_code": "30006" if failed else None,
        "body": "Hi Dana, the rally is on Saturday at noon. Can you come? Reply STOP to opt out.",
        "script_id": n % 2 + 1,
        "reference": f"r{n}",
        "provider": "twilio",
        "provider_id": f"SM{n:032}",
        "created_at": at,
        "sending_at": at,
        "settled_at": at,
        "attempts": 1,
    }


def _inbound(n: int, at: datetime, meaning: str) -> dict[str, Any]:
    return _SAME | {
        "contact_id": n,
        "conversation_id": n,
        "direction": Direction.IN,
        "kind": MessageKind.INBOUND,
        "state": MessageState.RECEIVED,
        "body": "Yes, I will be there.",
        "created_at": at,
        "meaning": meaning,
        "attempts": 0,
    }


def _talk(n: int, now: datetime) -> dict[str, Any]:
    return {
        "id": n,
        "campaign_id": 1,
        "contact_id": n,
        "action_id": 1,
        "number_id": 1,
        "texting": Texting.BROADCAST,
        "preview": "Yes, I will be there.",
        "last_message_at": now,
        "has_replied": True,
    }


def _stop(n: int, at: datetime) -> dict[str, Any]:
    return {
        "campaign_id": 1,
        "at": at,
        "event": Event.OPTED_OUT,
        "actor": Actor.CONTACT,
        "contact_id": n,
        "texting": Texting.BROADCAST,
        "before": False,
        "after": True,
        "details": {"source": "stop_word"},
    }
