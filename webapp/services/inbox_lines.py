"""The lines of an inbox list: columns, not objects, by statements that are built once."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    text,
    tuple_,
)

from webapp.db import run
from webapp.models import Action, Contact, Conversation, User
from webapp.texting import person_names


class Line(NamedTuple):
    """One row of the inbox list; as objects, fifty of them cost as much as the page."""

    id: int
    assignee_id: int | None
    preview: str
    previewed_out: bool
    last_message_at: datetime
    replied_at: datetime | None
    is_unread: bool
    needs_attention: bool
    needs_reply: bool
    report_due: bool
    hint_message_id: int | None
    asks_admin: str
    first_name: str
    last_name: str
    phone: str
    action: str | None

    @property
    def shown_name(self) -> str:
        """The contact's name, or the number of someone without one."""
        return person_names.shown(self.first_name, self.last_name, self.phone)

    @property
    def action_name(self) -> str:
        """The action it belongs to, in words."""
        return self.action or "No action"


def fetch(
    condition: str,
    *,
    campaign_id: int,
    texter: User | None,
    most: int,
    after: tuple[datetime, int] | None = None,
    narrowed: Sequence[ColumnElement[bool]] = (),
    oldest_first: bool = False,
) -> list[Line]:
    """The lines under a literal condition, newest or oldest first, `after` those up to a key.

    `texter` None: everyone's conversations, for admins.
    """
    query = _lines(condition, most, texter is not None, after is not None, oldest_first)
    if narrowed:
        query = query.where(*narrowed)
    values = scope(campaign_id, texter)
    if after is not None:
        values |= {"after_at": after[0], "after_id": after[1]}
    return [Line._make(row) for row in run(query, **values)]


def scope(campaign_id: int, texter: User | None) -> dict[str, Any]:
    """What the statements over an inbox are given: the campaign, and whose inbox if one's."""
    values: dict[str, Any] = {"campaign_id": campaign_id}
    return values if texter is None else values | {"texter_id": texter.id}


def capped(condition: str, most: int, *, is_scoped: bool) -> ScalarSelect[int]:
    """How many conversations are under a literal condition, counted up to `most`: a column."""
    some = select(Conversation.id).where(*_scoped(is_scoped), text(condition))
    counted = some.limit(literal_column(str(most))).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()


@cache
def _lines(
    condition: str, most: int, is_scoped: bool, is_after: bool, oldest_first: bool
) -> Select[Any]:
    """Built once for each view: building a statement costs more than the database's answer.

    Each view's index is read from either end.
    """
    key = Conversation.last_message_at, Conversation.id
    shown = (getattr(Conversation, name) for name in Line._fields[:12])
    query: Select[Any] = (
        select(*shown, Contact.first_name, Contact.last_name, Contact.phone, Action.name)
        .select_from(Conversation)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(Action, Action.id == Conversation.action_id)
        .where(*_scoped(is_scoped), text(condition))
        .order_by(*(key if oldest_first else (column.desc() for column in key)))
        .limit(literal_column(str(most)))  # The planner of PostgreSQL has to know it.
    )
    if not is_after:
        return query
    moment = bindparam("after_at", type_=Conversation.last_message_at.type)
    last = tuple_(moment, bindparam("after_id", type_=Conversation.id.type))
    return query.where(tuple_(*key) > last if oldest_first else tuple_(*key) < last)


def _scoped(is_scoped: bool) -> list[ColumnElement[bool]]:
    """The campaign's conversations, or one texter's; the values are those of scope()."""
    conditions = [Conversation.campaign_id == bindparam("campaign_id")]
    if is_scoped:
        conditions.append(Conversation.assignee_id == bindparam("texter_id"))
    return conditions
