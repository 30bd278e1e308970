"""Lists page by keyset: the cursor names the last row seen, never a row number."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.db import db
from webapp.web.queries import LARGEST_ID

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some rows of a list; `next` is the cursor of the rows after them, if there are any."""

    items: Sequence[Item]
    next: str | None


def encode(value: object, row_id: int) -> str:
    """An opaque cursor for the row with this sort value (text, number or time) and id."""
    if isinstance(value, datetime):
        value = {"at": value.astimezone(UTC).isoformat()}
    packed = json.dumps([value, row_id], separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(cursor: str | None, kind: type) -> tuple[Any, int] | None:
    """The sort value and id that a cursor holds; None when it is missing or damaged.

    `kind` is what the sort value must be (str, int, datetime): people edit addresses.
    """
    if not cursor:
        return None
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        value, row_id = json.loads(packed)
        if isinstance(value, dict):
            value = datetime.fromisoformat(value["at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return (value, row_id) if _is_usable(value, row_id, kind) else None


def paginate(
    rows: Select[Any],
    value: InstrumentedAttribute[Any],
    row_id: InstrumentedAttribute[int],
    *,
    cursor: str | None,
    kind: type,
    size: int = 50,
    descending: bool = False,
    key: Callable[[Any], tuple[Any, int]] | None = None,
) -> Page[Any]:
    """Up to `size` rows of a query, sorted by a column and then by id, after the cursor.

    A bad cursor gives the first page. `key` takes the sort value and id from a result, when
    the query's first entity does not carry both under the columns' names.
    """
    after = decode(cursor, kind)
    if after is not None:
        rows = rows.where(_beyond(value, row_id, after, descending=descending))
    order = (value.desc(), row_id.desc()) if descending else (value, row_id)
    found = db.session.execute(rows.order_by(*order).limit(size + 1)).all()
    items = [row[0] if len(row) == 1 else row for row in found[:size]]
    if len(found) <= size:
        return Page(items, None)
    last = items[-1]
    return Page(items, encode(*(key(last) if key else _key_of(last, value, row_id))))


def _beyond(
    value: InstrumentedAttribute[Any],
    row_id: InstrumentedAttribute[int],
    after: tuple[Any, int],
    *,
    descending: bool,
) -> ColumnElement[bool]:
    here = tuple_(value, row_id)
    there = tuple_(literal(after[0], value.type), literal(after[1], row_id.type))
    return here < there if descending else here > there


def _key_of(
    row: Any, value: InstrumentedAttribute[Any], row_id: InstrumentedAttribute[int]
) -> tuple[Any, int]:
    entity = row[0] if isinstance(row, Row) else row
    return getattr(entity, value.key), getattr(entity, row_id.key)


def _is_usable(value: object, row_id: object, kind: type) -> bool:
    if type(row_id) is not int or not 0 <= row_id <= LARGEST_ID or type(value) is not kind:
        return False
    if isinstance(value, datetime):
        return value.tzinfo is not None
    if isinstance(value, str):
        return "\x00" not in value
    return abs(value) <= LARGEST_ID if isinstance(value, int) else True
