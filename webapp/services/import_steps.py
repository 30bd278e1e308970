"""The steps of an import that take one transaction each."""

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update

from webapp.db import db, insert_once
from webapp.models import (
    Campaign,
    ContactImport,
    ContactList,
    ImportReject,
    OptOutSource,
    Tag,
    User,
)
from webapp.services import import_chunks, import_columns, import_merging, imports, optouts, tags

REJECTS_AT_ONCE = 5_000
WORDS_SHOWN = 30
_WORDS = (
    "SELECT said, kinds, sum(rows) FROM word GROUP BY said, kinds "
    "ORDER BY kinds <> '', sum(rows) DESC, said LIMIT ?"
)
# Where the cursor stands once the rejected rows are kept: before every phone.
PHONES = "+"


def count(scratch: Path) -> dict[str, Any]:
    """How many phones a file has, how often they come again, and how many rows are rejected.

    Of a file of opt-outs, `words` says how the words for kinds of texting were read: [what the
    rows say, the kinds ("p2p,broadcast", "" for none), how many rows], the most frequent first
    and those that could not be read before all others.
    """
    with closing(sqlite3.connect(scratch)) as rows:
        counts = {
            name: rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for name, table in (("read", "read"), ("staged", "staged"), ("rejected", "rejected"))
        }
        words = rows.execute(_WORDS, (WORDS_SHOWN,)).fetchall()
    return {
        "staged": counts["staged"],
        "duplicates": counts["read"] - counts["staged"],
        "rejected": counts["rejected"],
        "words": [list(word) for word in words],
    }


def keep_rejects(row: ContactImport, scratch: Path) -> None:
    """Keep the next rows that could not be used; the cursor is the last one's number."""
    after = int(row.cursor or 0)
    query = (
        'SELECT row_no, "column", reason, cells FROM rejected WHERE row_no > ? '
        "ORDER BY row_no LIMIT ?"
    )
    with closing(sqlite3.connect(scratch)) as rows:
        found = rows.execute(query, (after, REJECTS_AT_ONCE)).fetchall()
    if found:
        kept = [
            {
                "import_id": row.id,
                "row": number,
                "column": column,
                "reason": reason,
                "cells": json.loads(cells),
            }
            for number, column, reason, cells in found
        ]
        db.session.execute(insert_once(ImportReject), kept)
    row.cursor = str(found[-1][0]) if len(found) == REJECTS_AT_ONCE else PHONES


def merge_chunk(row: ContactImport, scratch: Path, *, now: datetime) -> bool:
    """Merge the next phones; the cursor and the counts move in the same transaction."""
    chunk = import_chunks.next_chunk(scratch, row.cursor)
    if chunk is None:
        imports.finish(row, now=now)
        return False
    merged = import_merging.merge(chunk, row, now=now)
    counts = {
        "new": merged.new,
        "updated": merged.updated,
        "members": merged.members,
        "opted_out": merged.opted_out,
        **{f"opted_out_{kind.value}": count for kind, count in merged.by_kind.items()},
        **_mark(chunk, row, now=now),
    }
    row.counts = row.counts | {
        name: row.counts.get(name, 0) + count for name, count in counts.items()
    }
    db.session.execute(
        update(ContactList)
        .where(ContactList.id == row.list_id)
        .values(size=ContactList.size + merged.members)
        .execution_options(synchronize_session=False)
    )
    row.cursor = chunk.high
    row.done_rows += chunk.size
    return True


def _mark(chunk: import_chunks.Chunk, row: ContactImport, *, now: datetime) -> dict[str, int]:
    """Add the opt-outs and own tags that the chunk's rows ask for; none is ever taken away."""
    counts: dict[str, int] = {}
    by = db.session.get(User, row.by_user_id) if row.by_user_id else None
    for field in chunk.fields:
        people = chunk.marked(field, row.campaign_id)
        texting = import_columns.OPT_OUTS.get(field)
        if texting is None:
            tag = db.session.get_one(Tag, int(field.removeprefix("tag:")))
            counts["tagged"] = counts.get("tagged", 0) + tags.apply_many(
                tag, people, by=by, now=now
            )
            continue
        counts[f"added_{texting.value}"] = optouts.record_many(
            db.session.get_one(Campaign, row.campaign_id),
            texting,
            people,
            source=OptOutSource.IMPORT,
            by=by,
            note=f"Import of {row.file_name}",
            now=now,
        )
    return counts
