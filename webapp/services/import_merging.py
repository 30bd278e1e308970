"""From the scratch database into the contacts, set-based, in phone order.

Phone order, because contacts are unique by phone: in the order of the file each row would touch
another page of that index (twice the time on SQLite, three times on PostgreSQL).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Insert,
    Update,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from webapp.db import Base, changed_rows, db, insert_once
from webapp.models import Contact, ContactImport, ListMember, Texting
from webapp.services import erased, import_known
from webapp.services.import_chunks import CHUNK, COLUMNS, Chunk

SHELVES = 64
Inserting = Callable[[type[Base]], Insert]
TEXTS = ("first_name", "last_name", "state", "city")


@dataclass(slots=True)
class Merged:
    """What became of a chunk, as counts of contacts."""

    new: int = 0
    updated: int = 0
    members: int = 0
    opted_out: int = 0  # before, of either kind
    by_kind: dict[Texting, int] = field(default_factory=dict)


def merge(chunk: Chunk, row: ContactImport, *, now: datetime) -> Merged:
    """Bring the phones of a chunk into the contacts and onto the list of the import.

    Set-based, and the same once more changes nothing. What is there stays as it is, unless the
    import updates names and fields, or nobody had a name for the phone yet; an empty cell never
    empties anything. Tags are not touched: nothing here can lift an opt-out. Somebody who was
    erased gets the number again, and is opted out as before.
    """
    merged = Merged()
    if erased.any_in(row.campaign_id):
        erased.bring_back(row.campaign_id, _phones(chunk), now=now)
    known = import_known.is_known(chunk, row.campaign_id)
    if known:
        merged.by_kind, merged.opted_out = import_known.opted_out(chunk, row.campaign_id)
        merged.updated = changed_rows(_update(chunk, row, now=now))
        if row.subscribed:
            db.session.execute(_subscribe(chunk, row, now=now))
    merged.new, merged.members = _add(chunk, row, all_new=not known, now=now)
    return merged


def _phones(chunk: Chunk) -> list[str]:
    phone = chunk.person.c.phone
    return list(db.session.scalars(select(phone).where(chunk.holds(phone))))


def _update(chunk: Chunk, row: ContactImport, *, now: datetime) -> Update:
    given = chunk.person.c
    mine = Contact.__table__.c
    fields, before = _merged_fields(mine.fields, given.fields)
    differs = [(given[name] != "") & (given[name] != mine[name]) for name in TEXTS]
    values: dict[str, Any] = {
        name: case((given[name] != "", given[name]), else_=mine[name]) for name in TEXTS
    }
    for name in ("first", "last"):
        values[f"{name}_key"] = case(
            (given[f"{name}_name"] != "", given[f"{name}_key"]), else_=mine[f"{name}_key"]
        )
    values["zones"] = case((given.state != "", given.zones), else_=mine.zones)
    statement = (
        update(Contact)
        .where(
            mine.campaign_id == row.campaign_id,
            mine.phone == given.phone,
            chunk.holds(given.phone),
            or_(fields != before, *differs),
        )
        .values(**values, fields=cast(fields, JSON) if _is_postgres() else fields, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    if row.updates_existing:
        return statement
    return statement.where(mine.first_name == "", mine.last_name == "")


def _merged_fields(
    mine: ColumnElement[Any], given: ColumnElement[Any]
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The contact's merge fields with the file's over them, and as they were, to compare."""
    if _is_postgres():
        return cast(mine, JSONB).op("||")(cast(given, JSONB)), cast(mine, JSONB)
    return func.json_patch(mine, given), func.json(mine)


def _subscribe(chunk: Chunk, row: ContactImport, *, now: datetime) -> Update:
    """Record where people signed up for broadcasts; an earlier record stays as it is."""
    phones = select(chunk.person.c.phone).where(chunk.holds(chunk.person.c.phone))
    return (
        update(Contact)
        .where(
            Contact.campaign_id == row.campaign_id,
            Contact.phone.in_(phones),
            Contact.subscribed_at.is_(None),
        )
        .values(subscribed=row.subscribed, subscribed_at=now)
        .execution_options(synchronize_session=False)
    )


def _add(chunk: Chunk, row: ContactImport, *, all_new: bool, now: datetime) -> tuple[int, int]:
    """Add those who are not there yet, and everybody to the list; returns how many it added.

    PostgreSQL announces and confirms each row of an ON CONFLICT, a fifth of an import. So where
    the range held nobody it is left out, unless somebody of them comes at this very moment.
    """
    if all_new and _is_postgres():
        try:
            with db.session.begin_nested():
                return _added(chunk, row, insert, all_new=True, now=now)
        except IntegrityError:
            return _added(chunk, row, insert_once, all_new=False, now=now)
    return _added(chunk, row, insert_once, all_new=all_new, now=now)


def _added(
    chunk: Chunk, row: ContactImport, inserting: Inserting, *, all_new: bool, now: datetime
) -> tuple[int, int]:
    contacts = changed_rows(_insert(inserting(Contact), chunk, row, now=now))
    members = changed_rows(_enlist(inserting(ListMember), chunk, row, all_new=all_new))
    return contacts, members


def _insert(inserting: Insert, chunk: Chunk, row: ContactImport, *, now: datetime) -> Any:
    mine = Contact.__table__.c
    same: dict[str, Any] = {
        "campaign_id": row.campaign_id,
        "subscribed": row.subscribed,
        "subscribed_at": now if row.subscribed else None,
        "created_at": now,
        "updated_at": now,
        "import_id": row.id,
        "shelf": (row.id + row.done_rows // CHUNK) % SHELVES,
    }
    rows = (
        select(
            *(chunk.person.c[name] for name in COLUMNS),
            *(literal(value, mine[name].type) for name, value in same.items()),
        )
        .where(chunk.holds(chunk.person.c.phone))
        .order_by(chunk.person.c.phone)
    )
    return inserting.from_select([*COLUMNS, *same], rows)


def _enlist(inserting: Insert, chunk: Chunk, row: ContactImport, *, all_new: bool) -> Any:
    """Put the chunk's contacts onto the list; without a join when the range held nobody else.

    Whoever has texted us for the first time meanwhile is no contact of this file.
    """
    columns = select(literal(row.list_id, ListMember.list_id.type), Contact.id)
    if all_new:
        rows = columns.where(
            Contact.campaign_id == row.campaign_id,
            chunk.holds(Contact.__table__.c.phone),
            Contact.import_id == row.id,
        ).order_by(Contact.phone)
    else:
        rows = import_known.here(chunk, row.campaign_id, columns)
    return inserting.from_select(["list_id", "contact_id"], rows)


def _is_postgres() -> bool:
    return db.engine.dialect.name == "postgresql"
