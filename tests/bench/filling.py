"""Fast filling of a campaign, past the services: made-up numbers that are never texted."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import insert, text

from webapp.db import db, transaction
from webapp.models import (
    Campaign,
    Contact,
    ContactList,
    Number,
    NumberKind,
)
from webapp.services import tags
from webapp.texting import phones

OUR_NUMBER = "+13125550100"
AT_ONCE = 20_000
EXCHANGES = 8_000_000  # numbers of one area code


def campaign(now: datetime) -> Campaign:
    """A campaign that may text at any time, with one number."""
    with transaction():
        made = Campaign(
            slug="bench",
            name="Bench",
            time_zone="America/Chicago",
            join_code="BENCHX",
            opens_minute=0,
            closes_minute=1440,
        )
        db.session.add(made)
        db.session.flush()
        tags.create_built_ins(made, now=now)
        db.session.add(
            Number(campaign_id=made.id, phone=OUR_NUMBER, kind=NumberKind.P2P, next_free_at=now)
        )
    return made


@cache
def _areas() -> tuple[int, ...]:
    """The area codes all of whose numbers are valid at home: carriers deliver from no others."""
    ends = [f"{first}{rest}" for first in range(2, 10) for rest in ("000000", "345678", "999999")]
    return tuple(
        area for area in range(200, 1000) if all(phones.read_fast(f"{area}{end}") for end in ends)
    )


def phone(n: int) -> str:
    """The n-th number, a valid one; they are spread as real ones are, not in order."""
    areas = _areas()
    spread = n * 48_271 % (len(areas) * EXCHANGES)
    return f"+1{areas[spread // EXCHANGES]}{2_000_000 + spread % EXCHANGES}"


def contacts(of: Campaign, rows: int, now: datetime) -> ContactList:
    """Contacts 1 to `rows`, all on one list."""
    same: dict[str, Any] = {
        "campaign_id": of.id,
        "last_name": "Whitfield",
        "state": "IL",
        "city": "Chicago",
        "country": "US",
        "zones": "America/Chicago",
        "fields": {},
        "subscribed": "",
        "created_at": now,
        "updated_at": now,
    }
    for start in range(1, rows + 1, AT_ONCE):
        with transaction():
            some = range(start, min(start + AT_ONCE, rows + 1))
            db.session.connection().execute(
                insert(Contact),
                [{"id": n, "phone": phone(n), "first_name": f"Dana {n}", **same} for n in some],
            )
    with transaction():
        made = ContactList(campaign_id=of.id, name="Everyone", size=rows, is_ready=True)
        db.session.add(made)
        db.session.flush()
        db.session.connection().execute(
            text("INSERT INTO list_member (list_id, contact_id) SELECT :l, id FROM contact"),
            {"l": made.id},
        )
    return made


def opt_out_every(tenth: int, of: Campaign, now: datetime) -> None:
    """Every `tenth` contact carries Opt Out (P2P)."""
    with transaction():
        db.session.connection().execute(
            text(
                "INSERT INTO contact_tag (tag_id, contact_id, campaign_id, since, note, source) "
                "SELECT t.id, c.id, c.campaign_id, :now, '', 'import' FROM contact c, tag t "
                "WHERE t.opts_out_of = 'p2p' AND c.id % :tenth = 0"
            ),
            {
                "now": now.replace(tzinfo=None) if db.engine.name == "sqlite" else now,
                "tenth": tenth,
            },
        )
