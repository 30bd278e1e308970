"""Claiming a broadcast's texts, 100 at a time with the guard, against bare UPDATE … LIMIT."""

import statistics

from sqlalchemy import text, update

from tests.bench import core, filling
from webapp.db import db, transaction, utc_now
from webapp.models import (
    ActionKind,
    ActionTally,
    Campaign,
    ContactList,
    Number,
    NumberKind,
    Recipient,
    RecipientState,
)
from webapp.services import actions, audience, claims, launches, scripts
from webapp.services.broadcast_queue import Walks

BATCH = 100
BATCHES = 50
DRAINED = 0.8
BARE = {
    "sqlite": """
        UPDATE bare SET state = 'texted' WHERE contact IN
        (SELECT contact FROM bare WHERE state = 'ready' AND contact > :cursor
         ORDER BY contact LIMIT 100) RETURNING contact
    """,
    "postgres": """
        UPDATE bare SET state = 'texted' WHERE contact IN
        (SELECT contact FROM bare WHERE state = 'ready' AND contact > :cursor
         ORDER BY contact LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING contact
    """,
}


def measure(database: str, rows: int) -> core.Result:
    """Seconds a text; a fresh audience, then one that is drained to four fifths."""
    with core.ground(database) as ground:
        now = utc_now()
        campaign = filling.campaign(now)
        filling.contacts(campaign, rows, now)
        action_id = _launched()
        _bare_table()
        ground.analyze()
        walks = Walks()
        yardstick, product = core.rounds(lambda: _bare(database), lambda: _claim(walks))
        _drain(action_id, rows)
        drained = statistics.median(_claim(Walks()) for _ in range(core.ROUNDS))
    return core.Result(
        job="claim",
        database=database,
        rows=rows,
        yardstick=yardstick,
        product=product,
        goal=3.0,
        more={"a_second": round(1 / product), "a_second_drained": round(1 / drained)},
    )


def _launched() -> int:
    now = utc_now()
    with transaction():
        campaign = db.session.get_one(Campaign, 1)
        db.session.execute(text("UPDATE contact SET subscribed_at = created_at, subscribed = 'x'"))
        db.session.execute(update(Number).values(kind=NumberKind.BROADCAST))
        action = actions.draft(campaign, ActionKind.BROADCAST, "Bench", by=None, now=now)
        audience.choose(action, [db.session.get_one(ContactList, 1)])
        scripts.set_scripts(action, ["Hi {first_name}. Reply STOP to opt out."])
    with transaction():
        launches.launch(action, by=None, now=now)
    action_id, more = action.id, True
    while more:
        with transaction():
            more = launches.sort_chunk(action, now=now)
    return action_id


def _bare_table() -> None:
    with transaction():
        connection = db.session.connection()
        connection.execute(text("CREATE TABLE bare (contact bigint PRIMARY KEY, state text)"))
        connection.execute(text("INSERT INTO bare SELECT id, 'ready' FROM contact"))


def _bare(database: str) -> float:
    cursor, done = 0, 0
    with core.clock() as seconds:
        for _ in range(BATCHES):
            with transaction():
                rows = db.session.connection().execute(text(BARE[database]), {"cursor": cursor})
                taken = [row.contact for row in rows]
            cursor, done = max(taken, default=0), done + len(taken)
    return seconds() / done


def _claim(walks: Walks) -> float:
    done = 0
    with core.clock() as seconds:
        for _ in range(BATCHES):
            with transaction():
                db.session.get_one(Number, 1).next_free_at = utc_now()
                claimed = claims.claim(
                    owner="bench", rate=10_000, walks=walks, now=utc_now(), most=BATCH
                )
            done += len(claimed)
    return seconds() / done


def _drain(action_id: int, rows: int) -> None:
    """As if four fifths of the audience had been texted already."""
    with transaction():
        up_to = int(rows * DRAINED)
        drained = update(Recipient).where(
            Recipient.action_id == action_id,
            Recipient.contact_id <= up_to,
            Recipient.state == RecipientState.READY,
        )
        db.session.execute(drained.values(state=RecipientState.TEXTED))
        left = rows - up_to
        db.session.execute(update(ActionTally).values(ready=left, sent=up_to))
