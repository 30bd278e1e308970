"""A texter's inbox: views, counts, search and the thread. Hidden threads are in none of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select

from webapp.db import db, run
from webapp.errors import NotFoundError
from webapp.models import Contact, ContactTag, Conversation, Tag, User
from webapp.services import inbox_lines
from webapp.services.inbox_lines import Line
from webapp.texting import phones

PAGE = 50
MOST_COUNTED = 100  # shown as 99+
GONE = "This conversation isn't in your inbox."

# Literal conditions, so that the partial index of each view serves (bound ones cost 4 to 9x).
CONDITIONS = {
    "needs": "conversation.needs_attention AND NOT conversation.is_hidden"
    " AND NOT conversation.is_archived",
    "unread": "conversation.is_unread AND NOT conversation.is_hidden"
    " AND NOT conversation.is_archived",
    "all": "NOT conversation.is_hidden AND NOT conversation.is_archived",
    "archived": "conversation.is_archived AND NOT conversation.is_hidden",
    "asked": "conversation.asks_admin <> '' AND NOT conversation.is_hidden",
}
_HINTED = (
    "conversation.hint_message_id IS NOT NULL AND conversation.needs_attention"
    " AND NOT conversation.is_hidden"
)


class View(StrEnum):
    """The views of the inbox; what texters asked the admins is for admins."""

    NEEDS = "needs"
    UNREAD = "unread"
    ALL = "all"
    ARCHIVED = "archived"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Filter:
    """What narrows a view: a search, an action, a tag; for admins also whose it is."""

    search: str = ""
    action_id: int | None = None
    tag_id: int | None = None
    assignee_id: int | None = None
    is_unassigned: bool = False


EVERYTHING = Filter()
COUNTED = (View.NEEDS, View.UNREAD)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of lines; `after` is the key of the next page, None on the last."""

    lines: list[Line]
    after: tuple[datetime, int] | None


def page(
    campaign_id: int,
    view: View,
    *,
    texter: User | None,
    after: tuple[datetime, int] | None = None,
    narrowed: Filter = EVERYTHING,
    oldest_first: bool = False,
) -> Page:
    """One page of a view, newest first. `texter` None: everyone's conversations, for admins.

    `oldest_first`: by who has waited longest. On the first page of Needs attention those that may
    be a request to stop come first.
    """
    whose: Any = {"campaign_id": campaign_id, "texter": texter, "narrowed": narrow(narrowed)}
    whose["oldest_first"] = oldest_first
    condition, first = CONDITIONS[view], []
    if view is View.NEEDS:
        condition = f"{condition} AND conversation.hint_message_id IS NULL"
        if after is None:
            first = inbox_lines.fetch(_HINTED, most=PAGE, **whose)
    lines = inbox_lines.fetch(condition, most=PAGE + 1, after=after, **whose)
    last = lines[PAGE - 1] if len(lines) > PAGE else None
    return Page(first + lines[:PAGE], (last.last_message_at, last.id) if last else None)


def next_after(
    campaign_id: int, conversation: Conversation | None, *, texter: User | None
) -> Line | None:
    """The first conversation that needs attention, other than this one."""
    lines = page(campaign_id, View.NEEDS, texter=texter).lines
    gone = conversation.id if conversation else None
    return next((line for line in lines if line.id != gone), None)


def counts(campaign_id: int, texter: User | None) -> dict[View, int]:
    """How many conversations Needs attention and Unread hold, capped at MOST_COUNTED."""
    found = run(_counted(texter is not None), **inbox_lines.scope(campaign_id, texter)).one()
    return dict(zip(COUNTED, found, strict=True))


@cache
def capped_counts(is_scoped: bool) -> tuple[ScalarSelect[int], ...]:
    """The counts of COUNTED as columns, for a statement that gets the values of a scope()."""
    return tuple(
        inbox_lines.capped(CONDITIONS[view], MOST_COUNTED, is_scoped=is_scoped) for view in COUNTED
    )


def find(
    campaign_id: int, conversation_id: int, *, texter: User | None, hidden: bool = False
) -> Conversation:
    """A conversation that this texter may see; NotFoundError for hidden or other people's ones.

    `texter` None: an admin, who sees every thread that is not hidden (hidden ones are read
    from the contact). `hidden`: also one that ended with a stop word, for what its texter was
    about to write there; its thread is never shown again (decision 5).
    """
    found = db.session.get(Conversation, conversation_id)
    if (
        found is None
        or found.campaign_id != campaign_id
        or (found.is_hidden and not hidden)
        or (texter is not None and found.assignee_id != texter.id)
    ):
        raise NotFoundError(GONE)
    return found


def of_contact(contact: Contact, *, texter: User | None) -> list[Line]:
    """The conversations with a contact that this texter may see, newest first."""
    return inbox_lines.fetch(
        "NOT conversation.is_hidden",
        campaign_id=contact.campaign_id,
        texter=texter,
        most=PAGE,
        narrowed=[Conversation.contact_id == contact.id],
    )


def tags_of(contact: Contact) -> list[Tag]:
    """The tags that a contact carries, built-in ones first."""
    query = (
        select(Tag)
        .join(ContactTag, ContactTag.tag_id == Tag.id)
        .where(ContactTag.contact_id == contact.id)
        .order_by(Tag.opts_out_of.is_(None), Tag.opts_out_of.desc(), Tag.name, Tag.id)
    )
    return list(db.session.scalars(query))


def narrow(given: Filter) -> list[ColumnElement[bool]]:
    """The conditions of a filter, for a statement over Conversation joined with Contact."""
    conditions: list[ColumnElement[bool]] = []
    if given.action_id is not None:
        conditions.append(Conversation.action_id == given.action_id)
    if given.tag_id is not None:
        conditions.append(
            select(ContactTag.contact_id)
            .where(
                ContactTag.tag_id == given.tag_id,
                ContactTag.contact_id == Conversation.contact_id,
            )
            .exists()
        )
    if given.assignee_id is not None:
        conditions.append(Conversation.assignee_id == given.assignee_id)
    if given.is_unassigned:
        conditions.append(Conversation.assignee_id.is_(None))
    if given.search.split():
        conditions.append(_matches(given.search))
    return conditions


def _matches(search: str) -> ColumnElement[bool]:
    digits = phones.search_digits(search)
    if digits:
        return Contact.phone.contains(digits, autoescape=True)
    name = func.lower(Contact.first_name + " " + Contact.last_name)
    phrase = " ".join(search.split()).lower()
    return or_(
        name.contains(phrase, autoescape=True),
        func.lower(Conversation.preview).contains(phrase, autoescape=True),
    )


@cache
def _counted(is_scoped: bool) -> Select[*tuple[Any, ...]]:
    return select(*capped_counts(is_scoped))
