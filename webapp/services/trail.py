"""The trail: append-only entries, written in the transaction of what they tell."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, literal, select, text
from sqlalchemy.exc import OperationalError

from webapp.db import Base, db, run
from webapp.models import Actor, Event, Texting, TrailEntry, TrailSeal, User
from webapp.rows import insert_rows

# Entries that one run of the sealing job takes at most; the next minute goes on.
SEALED_AT_ONCE = 50_000
_APPEND = insert(TrailEntry).inline()


def record(
    event: Event,
    *,
    campaign_id: int | None,
    now: datetime,
    by: User | None = None,
    actor: Actor | None = None,
    contact_id: int | None = None,
    texting: Texting | None = None,
    before: bool | None = None,
    after: bool | None = None,
    message_id: int | None = None,
    about: Base | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append one entry. Without `by` and `actor` the actor is Heed itself.

    `about` is the row it happened to, kept as table name and id; `details` hold settings and
    reasons, never names, numbers or message bodies (decision 8: a person can be forgotten and
    the proof still stands). Twice is two entries.
    """
    run(
        _APPEND,
        campaign_id=campaign_id,
        at=now,
        event=event,
        actor=actor or (Actor.PERSON if by else Actor.HEED),
        by_user_id=by.id if by else None,
        contact_id=contact_id,
        texting=texting,
        before=before,
        after=after,
        message_id=message_id,
        about=about.__tablename__ if about is not None else "",
        about_id=getattr(about, "id", None),
        details=details or {},
    )


def record_several(
    entries: Sequence[Mapping[str, Any]], *, now: datetime, by: User | None, actor: Actor | None
) -> None:
    """Append entries that differ in one statement; each names the same things as record() takes.

    All of them name the same ones; moments, people and what an entry is about are common.
    """
    same = {
        "at": now,
        "actor": actor or (Actor.PERSON if by else Actor.HEED),
        "by_user_id": by.id if by else None,
        "about": "",
    }
    insert_rows(TrailEntry, entries, same)


def record_for_each(
    event: Event,
    contact_ids: Select[*tuple[int, ...]],
    *,
    campaign_id: int,
    now: datetime,
    by: User | None = None,
    actor: Actor | None = None,
    texting: Texting | None = None,
    before: bool | None = None,
    after: bool | None = None,
    about: type[Base] | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append the same entry for every contact of a query, in one statement.

    With `about` the query has a second column: the id of the row of that table it happened to.
    """
    given = contact_ids.subquery().c
    names = ["contact_id", "about_id"][: len(given)]
    values = {
        "campaign_id": campaign_id,
        "at": now,
        "event": event,
        "actor": actor or (Actor.PERSON if by else Actor.HEED),
        "by_user_id": by.id if by else None,
        "texting": texting,
        "before": before,
        "after": after,
        "about": about.__tablename__ if about is not None else "",
        "details": details or {},
    }
    columns = TrailEntry.__table__.c
    rows = select(
        *given, *(literal(value, columns[name].type) for name, value in values.items())
    ).order_by(given[0])
    db.session.execute(insert(TrailEntry).from_select([*names, *values], rows))


def seal(*, now: datetime) -> int:
    """Seal the entries since the last seal; returns how many there were (0: nothing new).

    A batch by a job each minute instead of a chain, so that writers do not wait for each
    other and bulk imports stay set-based (decision 26).
    """
    last = db.session.scalars(select(TrailSeal).order_by(TrailSeal.id.desc()).limit(1)).first()
    after = last.last_entry_id if last else 0
    entries = _entries(after=after, limit=SEALED_AT_ONCE, up_to=_complete_up_to())
    if not entries:
        return 0
    db.session.add(
        TrailSeal(
            last_entry_id=entries[-1].id,
            entries=len(entries),
            digest=_digest(last.digest if last else "", entries),
            at=now,
        )
    )
    return len(entries)


def broken_seals() -> list[int]:
    """The ids of seals that no longer fit their entries; empty when nothing was changed."""
    broken: list[int] = []
    before, last_id = "", 0
    for mark in db.session.scalars(select(TrailSeal).order_by(TrailSeal.id)):
        entries = _entries(after=last_id, limit=mark.entries, up_to=mark.last_entry_id)
        if len(entries) != mark.entries or _digest(before, entries) != mark.digest:
            broken.append(mark.id)
        before, last_id = mark.digest, mark.last_entry_id
    return broken


def _complete_up_to() -> int:
    """The id below which no further entry can appear; 0 while somebody is long about theirs.

    On PostgreSQL an entry may be committed after one with a higher id, and a seal over the
    later one alone would look broken ever after. For a moment we wait until nobody is writing
    entries; going back to the savepoint gives the lock away at once.
    """
    newest = select(func.max(TrailEntry.id))
    if db.engine.dialect.name == "sqlite":
        return db.session.scalar(newest) or 0  # Writers take turns.
    attempt = db.session.begin_nested()
    try:
        db.session.execute(text("SET LOCAL lock_timeout = '100ms'"))
        db.session.execute(text("LOCK TABLE trail_entry IN SHARE MODE"))
        return db.session.scalar(newest) or 0
    except OperationalError:
        return 0  # The next minute tries again.
    finally:
        attempt.rollback()


def _entries(*, after: int, limit: int, up_to: int) -> list[Any]:
    query = select(*TrailEntry.__table__.c).where(TrailEntry.id > after, TrailEntry.id <= up_to)
    return list(db.session.execute(query.order_by(TrailEntry.id).limit(limit)).all())


def _digest(before: str, entries: list[Any]) -> str:
    sha = hashlib.sha256(before.encode())
    for entry in entries:
        sha.update(json.dumps(list(entry), default=str, sort_keys=True).encode())
    return sha.hexdigest()
