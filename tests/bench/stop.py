"""A STOP of somebody with a queued text, one by one, against bare SQL that writes the same rows.

The yardstick is handed the ids and writes with the driver alone what a STOP leaves behind: the
receipt, the message, the tag, the trail, the cancelled text, the conversation and the kept counts,
in one transaction. It looks nobody up and decides nothing. `fewest_ms` is one with the five
statements that could not be left out: no trail, no counts, no running action.
"""

import statistics
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from tests.bench import core, filling, webhook
from webapp.carriers.base import Inbound
from webapp.db import db, transaction, utc_now
from webapp.services import inbound

GOAL = 5.0
STOPS = 300
FEWEST = (
    """INSERT INTO webhook_receipt
       (provider, provider_id, sender, "to", content, messages, received_at)
       VALUES ('bare', :n, '', '', '{}', 1, :now)""",
    """INSERT INTO message (campaign_id, contact_id, conversation_id, action_id, number_id, texting,
       direction, kind, state, body, media, error_reason, attempts, created_at, is_reaction,
       wrote_back, provider, provider_id, meaning)
       VALUES (1, :n, :n, 1, 1, 'p2p', 'in', 'inbound', 'received', 'STOP', '[]', '', 0, :now,
       false, false, 'bare', :n, 'opt_out')""",
    """INSERT INTO contact_tag (tag_id, contact_id, campaign_id, since, source, note)
       VALUES (1, :n, 1, :now, 'stop_word', '')""",
    """UPDATE message SET state = 'cancelled', error_reason = 'Opted out', settled_at = :now
       WHERE contact_id = :n AND state IN ('queued', 'claimed')""",
    """UPDATE conversation SET is_hidden = true, closed = 'stop_word', closed_at = :now,
       preview = 'STOP', last_message_at = :now, has_replied = true WHERE id = :n""",
)
SAME_ROWS = (
    *FEWEST,
    """INSERT INTO trail_entry (campaign_id, at, event, actor, contact_id, texting, "before",
       "after", about, details)
       VALUES (1, :now, 'opted_out', 'contact', :n, 'p2p', false, true, '', '{}')""",
    """UPDATE recipient SET state = 'suppressed', reason = 'opted_out'
       WHERE action_id = 1 AND contact_id = :n AND state = 'ready'""",
    "UPDATE tag SET contacts = contacts + 1 WHERE id = 1",
    "UPDATE action_tally SET opt_outs = opt_outs + 1 WHERE action_id = 1",
    """INSERT INTO action_moment (action_id, at, sent, delivered, failed, replies, opt_outs)
       VALUES (1, :day, 0, 0, 0, 0, 1)
       ON CONFLICT (action_id, at) DO UPDATE SET opt_outs = action_moment.opt_outs + 1""",
    """INSERT INTO inbox_clock (campaign_id, user_id, tick) VALUES (1, 1, 1)
       ON CONFLICT (campaign_id, user_id) DO UPDATE SET tick = inbox_clock.tick + 1""",
)


def measure(database: str, rows: int) -> core.Result:
    """`rows` contacts with a conversation each; every tenth has a queued text and texts STOP."""
    with core.ground(database) as ground:
        webhook.fill(max(rows, 10 * STOPS * (3 * core.ROUNDS + 1)))
        ground.analyze()
        people = iter(range(10, 2**31, 10))
        fewest: list[float] = []

        def bare() -> float:
            fewest.append(_bare(database, FEWEST, islice(people, STOPS)))
            return _bare(database, SAME_ROWS, islice(people, STOPS))

        def product() -> float:
            return _stops(islice(people, STOPS))

        _stops(islice(people, STOPS))
        yardstick, taken = core.rounds(bare, product)
    return core.Result(
        job="stop",
        database=database,
        rows=rows,
        yardstick=yardstick,
        product=taken,
        goal=GOAL,
        unit="ms",
        more={
            "fewest_ms": round(statistics.median(fewest), 3),
            "times_fewest": round(taken / statistics.median(fewest), 2),
        },
    )


def _stops(people: Iterator[int]) -> float:
    """Milliseconds that one STOP takes."""
    taken = []
    for n in people:
        sid, sender = f"SM-stop-{n}", filling.phone(n)
        stop = Inbound("twilio", sid, sender, filling.OUR_NUMBER, "STOP")
        with core.clock() as seconds, transaction():
            inbound.receive(stop, now=utc_now())
        taken.append(seconds() * 1000)
    return statistics.median(taken)


def _bare(database: str, statements: Sequence[str], people: Iterator[int]) -> float:
    """Milliseconds that these statements take, straight to the driver, with a synced commit."""
    written = [_for(database, statement) for statement in statements]
    taken = []
    pooled = db.engine.raw_connection()
    driver: Any = pooled.driver_connection
    for n in people:
        now = utc_now()
        bound = {"n": n, "now": _moment(database, now), "day": _moment(database, _day(now))}
        with core.clock() as seconds:
            if database == "sqlite":
                driver.execute("BEGIN IMMEDIATE")
            for statement in written:
                driver.execute(statement, bound)
            driver.commit()
        taken.append(seconds() * 1000)
    pooled.close()
    return statistics.median(taken)


def _for(database: str, statement: str) -> str:
    """The statement with the marks for bound values that the driver knows."""
    if database == "sqlite":
        return statement
    return statement.replace(":now", "%(now)s").replace(":day", "%(day)s").replace(":n", "%(n)s")


def _day(now: datetime) -> datetime:
    return datetime(now.year, now.month, now.day, tzinfo=UTC)


def _moment(database: str, moment: datetime) -> object:
    """A moment as the driver takes it."""
    return moment.replace(tzinfo=None).isoformat(" ") if database == "sqlite" else moment
