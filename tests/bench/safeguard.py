"""Safeguard at launch: sort an audience of `rows`, against one bare INSERT … SELECT."""

import time

from sqlalchemy import text

from tests.bench import core, filling
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    Campaign,
    ContactList,
)
from webapp.services import actions, audience, launches, scripts

GOALS = {"sqlite": 3.0, "postgres": 5.0}
YARDSTICK = """
    INSERT INTO bare SELECT 1, c.id,
        CASE WHEN o.contact_id IS NULL THEN 'ready' ELSE 'suppressed' END,
        CASE WHEN o.contact_id IS NULL THEN NULL ELSE 'opted_out' END
    FROM list_member m JOIN contact c ON c.id = m.contact_id
    LEFT JOIN contact_tag o ON o.tag_id = (SELECT id FROM tag WHERE opts_out_of = 'p2p')
        AND o.contact_id = c.id
    WHERE m.list_id = 1
"""


def measure(database: str, rows: int) -> core.Result:
    """One tenth has opted out. The longest write transaction is measured, too."""
    longest: list[float] = []
    with core.ground(database) as ground:
        now = utc_now()
        campaign = filling.campaign(now)
        filling.contacts(campaign, rows, now)
        filling.opt_out_every(10, campaign, now)
        ground.analyze()
        yardstick, product = core.rounds(_bare, lambda: _launch(longest))
        with core.clock() as seconds:
            launches.preview(_draft())
        previewed = seconds()
    return core.Result(
        job="safeguard",
        database=database,
        rows=rows,
        yardstick=yardstick,
        product=product,
        goal=GOALS[database],
        more={
            "longest_transaction_ms": round(max(longest) * 1000, 1),
            "preview_s": round(previewed, 3),
            "people_a_second": round(rows / product),
        },
    )


def _bare() -> float:
    with transaction():
        db.session.connection().execute(
            text("CREATE TABLE bare (a integer, contact bigint, state text, reason text)")
        )
    with core.clock() as seconds, transaction():
        db.session.connection().execute(text(YARDSTICK))
    taken = seconds()
    with transaction():
        db.session.connection().execute(text("DROP TABLE bare"))
    return taken


def _draft() -> Action:
    now = utc_now()
    with transaction():
        campaign = db.session.get_one(Campaign, 1)
        everyone = db.session.get_one(ContactList, 1)
        action = actions.draft(campaign, ActionKind.P2P, "Bench", by=None, now=now)
        audience.choose(action, [everyone])
        scripts.set_scripts(action, ["Hi {first_name}. Reply STOP to opt out."])
    return action


def _launch(longest: list[float]) -> float:
    action = _draft()
    with transaction():
        launches.launch(action, by=None, now=utc_now())
    began = time.perf_counter()
    more = True
    while more:
        chunk = time.perf_counter()
        with transaction():
            more = launches.sort_chunk(action, now=utc_now())
        longest.append(time.perf_counter() - chunk)
    return time.perf_counter() - began
