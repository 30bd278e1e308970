"""From the scratch database into the opt-outs, set-based, in phone order; nothing is taken away.

A phone that nobody knows becomes a contact without a name that carries the tag, so that a later
import of contacts keeps it suppressed.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.schema import CreateTable, DropTable

from webapp.db import BigId, changed_rows, db, insert_once
from webapp.models import Campaign, Contact, ContactImport, ContactTag, OptOutSource, Texting, User
from webapp.services import erased, import_chunks, optout_imports, optouts, tags
from webapp.services.import_chunks import CHUNK, Chunk
from webapp.services.import_merging import SHELVES
from webapp.services.import_staging import field_of

# Phones in one transaction: fewer than an import of contacts takes, because each of them is
# written to four tables, and a STOP that comes meanwhile waits for its turn.
AT_ONCE = 4_000
KNOWN_OF_A_PHONE = ("phone", "country", "zones")
SOURCE = "source"
# Who is opted out of one kind: worked out once, because many statements ask for it.
_CHOSEN = Table(
    "opting_out",
    MetaData(),
    Column("contact_id", BigId, primary_key=True, autoincrement=False),
    Column("note", Text),
    prefixes=["TEMPORARY"],
)


def merge_chunk(row: ContactImport, scratch: Path, *, now: datetime) -> bool:
    """Record the next opt-outs; the cursor and the counts move in the same transaction."""
    chunk = import_chunks.next_chunk(scratch, row.cursor, size=AT_ONCE)
    if chunk is None:
        optout_imports.finish(row, now=now)
        return False
    campaign = db.session.get_one(Campaign, row.campaign_id)
    by = db.session.get(User, row.by_user_id) if row.by_user_id else None
    counts, gone = look_up(chunk, row), _erased(chunk, row)
    counts["made"] = changed_rows(_insert(chunk, row, gone, now=now))
    for kind in _kinds(chunk, row):
        with _chosen(chunk, row, kind, gone) as people:
            optouts.record_many(
                campaign, kind, people, source=OptOutSource.IMPORT, by=by, about=row, now=now
            )
    row.counts = row.counts | {
        name: row.counts.get(name, 0) + count for name, count in counts.items()
    }
    row.cursor = chunk.high
    row.done_rows += chunk.size
    return True


def look_up(chunk: Chunk, row: ContactImport) -> dict[str, int]:
    """What a chunk comes to, before it is recorded.

    `known` phones are contacts already, `already` is who needs no opt-out any more; of each kind
    `added_` says how many get it and `opted_out_` how many had it.
    """
    person, has = chunk.person, _carries(row.campaign_id)
    wants, marks = _wanted(chunk, row)
    done = [or_(~wants[kind], has[kind]) for kind in Texting]
    columns = {"known": func.count(Contact.id), "already": _times(and_(*done))}
    for kind in Texting:
        columns[f"added_{kind.value}"] = _times(and_(wants[kind], ~has[kind]))
        columns[f"opted_out_{kind.value}"] = _times(and_(wants[kind], has[kind]))
    people = person.outerjoin(Contact, _is(chunk, row))
    for mark in marks:
        people = people.outerjoin(mark, mark.c.phone == person.c.phone)
    query = select(*columns.values()).select_from(people).where(chunk.holds(person.c.phone))
    found = db.session.execute(query).one()
    return {name: count or 0 for name, count in zip(columns, found, strict=True)}


def _kinds(chunk: Chunk, row: ContactImport) -> list[Texting]:
    """The kinds of texting that anybody of a chunk is opted out of."""
    if "kind" not in row.mapping:
        return [Texting(kind) for kind in row.opts_out_of.split(",")]
    return [kind for kind in Texting if field_of(kind) in chunk.fields]


def _wanted(
    chunk: Chunk, row: ContactImport
) -> tuple[dict[Texting, ColumnElement[bool]], Iterable[Any]]:
    """For each kind whether a person is to be opted out of it, and the tables that say so."""
    both = db.session.get_one(Campaign, row.campaign_id).one_opt_out_stops_both
    if "kind" not in row.mapping:
        kinds = tuple(Texting) if both else tuple(_kinds(chunk, row))
        return {kind: literal(kind in kinds) == true() for kind in Texting}, ()
    marks = {kind: _marked(chunk, kind).distinct().subquery(kind.name) for kind in Texting}
    wants = {kind: mark.c.phone.is_not(None) for kind, mark in marks.items()}
    if both:
        wants = dict.fromkeys(Texting, or_(*wants.values()))
    return wants, marks.values()


def _marked(chunk: Chunk, kind: Texting) -> Any:
    """The phones that a file opts out of a kind of texting."""
    mark = chunk.mark.c
    return select(mark.phone).where(mark.field == field_of(kind), chunk.holds(mark.phone))


def _carries(campaign_id: int) -> dict[Texting, ColumnElement[bool]]:
    """Whether a contact carries each built-in tag: one look-up by key for each, however many
    carry it. (A join reads them all on PostgreSQL.)"""
    return {
        kind: select(ContactTag.contact_id)
        .where(
            ContactTag.tag_id == tags.built_in(campaign_id, kind).id,
            ContactTag.contact_id == Contact.id,
        )
        .correlate(Contact)
        .scalar_subquery()
        .is_not(None)
        for kind in Texting
    }


def _is(chunk: Chunk, row: ContactImport) -> ColumnElement[bool]:
    """Whether a contact is a person of the chunk; the range of phones is said once more, because
    neither database sees that it holds for the contact as well."""
    contact = Contact.__table__.c
    return and_(
        contact.campaign_id == row.campaign_id,
        contact.phone == chunk.person.c.phone,
        chunk.holds(contact.phone),
    )


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


@contextmanager
def _chosen(
    chunk: Chunk, row: ContactImport, kind: Texting, gone: Mapping[str, int]
) -> Iterator[Select[Any]]:
    """The contacts of a chunk who are opted out of a kind of texting, each with the note."""
    person = chunk.person
    wanted: list[Any] = [chunk.holds(person.c.phone)]
    if "kind" in row.mapping:
        wanted.append(person.c.phone.in_(_marked(chunk, kind)))
    # Everybody is a contact by now; an outer join keeps SQLite from walking the contacts first.
    query = (
        select(Contact.id, _note(chunk, row))
        .select_from(person.outerjoin(Contact, _is(chunk, row)))
        .where(*wanted, *_without(gone, person.c.phone))
    )
    connection = db.session.connection()
    connection.execute(CreateTable(_CHOSEN))
    connection.execute(insert(_CHOSEN).from_select(["contact_id", "note"], query))
    if gone:
        erased_ones = select(person.c.phone, _note(chunk, row)).where(
            *wanted, person.c.phone.in_(gone)
        )
        rows = [
            {"contact_id": gone[phone], "note": note}
            for phone, note in connection.execute(erased_ones)
        ]
        connection.execute(insert(_CHOSEN), rows)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {_CHOSEN.name}")
    people: Any = select(_CHOSEN.c.contact_id, _CHOSEN.c.note)
    yield people
    connection.execute(DropTable(_CHOSEN))


def _erased(chunk: Chunk, row: ContactImport) -> dict[str, int]:
    """Phones of people who were erased on request, and their contacts.

    They are opted out and stay erased: a list of numbers is no reason to know them again.
    """
    if not erased.any_in(row.campaign_id):
        return {}
    phone = chunk.person.c.phone
    phones = db.session.scalars(select(phone).where(chunk.holds(phone))).all()
    stored = {erased.as_stored(row.campaign_id, one): one for one in phones}
    found: dict[str, int] = {}
    left = list(stored)
    for start in range(0, len(left), erased.LOOKED_UP_AT_ONCE):
        some = left[start : start + erased.LOOKED_UP_AT_ONCE]
        rows = db.session.execute(
            select(Contact.phone, Contact.id).where(
                Contact.campaign_id == row.campaign_id, Contact.phone.in_(some)
            )
        )
        found |= {stored[one]: contact_id for one, contact_id in rows}
    return found


def _without(gone: Mapping[str, int], phone: ColumnElement[str]) -> list[ColumnElement[bool]]:
    return [phone.not_in(gone)] if gone else []


def _note(chunk: Chunk, row: ContactImport) -> ColumnElement[str]:
    """Where the file came from, and what the row itself says of the request."""
    said = func.coalesce(chunk.person.c.fields[SOURCE].as_string(), "")
    note = literal(row.source_note, ContactTag.note.type)
    return case((said != "", note + literal(" – ") + said), else_=note)


def _insert(chunk: Chunk, row: ContactImport, gone: Mapping[str, int], *, now: datetime) -> Any:
    """Contacts without a name for the phones that nobody knows."""
    mine = Contact.__table__.c
    same: dict[str, Any] = {
        **dict.fromkeys(
            ("first_name", "first_key", "last_name", "last_key", "state", "city", "subscribed"), ""
        ),
        "fields": {},
        "campaign_id": row.campaign_id,
        "created_at": now,
        "updated_at": now,
        "shelf": (row.id + row.done_rows // CHUNK) % SHELVES,
    }
    rows = (
        select(
            *(chunk.person.c[name] for name in KNOWN_OF_A_PHONE),
            *(literal(value, mine[name].type) for name, value in same.items()),
        )
        .where(chunk.holds(chunk.person.c.phone), *_without(gone, chunk.person.c.phone))
        .order_by(chunk.person.c.phone)
    )
    return insert_once(Contact).from_select([*KNOWN_OF_A_PHONE, *same], rows)
