"""Claiming a broadcast's texts, 100 at a time with the guard, against bare UPDATE … LIMIT.

The yardstick marks rows of a table that has nothing but a key and a state; it writes no text.
`texts_us` is a second one that does the same durable work: the same marks, and a row in the real
message table for each of them, its text put together by the database. Neither of them asks for
hours, locks or an alarm, keeps counts or paces a number.
"""

import statistics
from datetime import timedelta
from itertools import count

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
from webapp.services.walking import Walks

BATCH = 100
BATCHES = 50
RATE = 10_000.0
DRAINED = 0.8
# A second later each time, so that the number is free again.
_moments = (utc_now() + timedelta(seconds=n) for n in count())
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
# The statement before has marked exactly these contacts.
TEXTS = """
    INSERT INTO message (campaign_id, contact_id, action_id, number_id, script_id, texting,
        direction, kind, state, body, media, reference, error_reason, attempts, created_at,
        not_before, lease_owner, lease_until, is_reaction, wrote_back)
    SELECT campaign_id, id, 1, 1, 1, 'broadcast', 'out', 'first', 'claimed',
        'Hi ' || first_name || '. Reply STOP to opt out.', '[]', 'bench-' || id, '', 0,
        :now, :now, 'bench', :now, false, false
    FROM contact WHERE id > :cursor AND id <= :last
"""


def measure(database: str, rows: int) -> core.Result:
    """Seconds a text; a fresh audience, then one that is drained to four fifths."""
    with core.ground(database) as ground:
        now = utc_now()
        campaign = filling.campaign(now)
        filling.contacts(campaign, rows, now)
        action_id = _launched()
        _bare_table()
        ground.analyze()
        # So many that the last fifth is enough for its rounds.
        batches = max(1, min(BATCHES, rows // BATCH // 20))
        bare, texts, product = _rounds(database, batches)
        _drain(action_id, rows)
        walks = Walks()
        with core.clock() as first_look:
            _claim(walks, 1)
        drained = statistics.median(_claim(walks, batches) for _ in range(core.ROUNDS))
    return core.Result(
        job="claim",
        database=database,
        rows=rows,
        yardstick=bare,
        product=product,
        goal=3.0,
        more={
            "a_second": round(1 / product),
            "a_second_drained": round(1 / drained),
            "texts_us": round(texts * 1e6, 1),
            "times_texts": round(product / texts, 2),
            # A sender that knows nothing of the audience looks for the first who is ready.
            "first_look_ms": round(first_look() * 1000, 1),
        },
    )


def _rounds(database: str, batches: int) -> list[float]:
    """Medians of interleaved rounds: both yardsticks, then the product."""
    walks, bare = Walks(), BARE[database]
    rounds = [
        (_mark(batches, bare), _mark(batches, bare, TEXTS), _claim(walks, batches))
        for _ in range(core.ROUNDS)
    ]
    return [statistics.median(measured) for measured in zip(*rounds, strict=True)]


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


def _mark(batches: int, *statements: str) -> float:
    """Seconds a text; what the first statement marks is between `cursor` and `last`."""
    first, *others = (text(statement) for statement in statements)
    now = utc_now().isoformat(" ").removesuffix("+00:00")
    marked = text("SELECT coalesce(max(contact), 0) FROM bare WHERE state = 'texted'")
    cursor = db.session.scalar(marked)
    with core.clock() as seconds:
        for _ in range(batches):
            with transaction():
                connection = db.session.connection()
                last = max(connection.execute(first, {"cursor": cursor}).scalars())
                for other in others:
                    connection.execute(other, {"cursor": cursor, "last": last, "now": now})
                cursor = last
    return seconds() / (batches * BATCH)


def _claim(walks: Walks, batches: int) -> float:
    with core.clock() as seconds:
        for _ in range(batches):
            with transaction():
                claimed = claims.claim(
                    owner="bench", rate=RATE, walks=walks, now=next(_moments), most=BATCH
                )
            assert len(claimed) == BATCH
    return seconds() / (batches * BATCH)


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
