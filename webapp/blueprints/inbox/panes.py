"""The three panes of the inbox: the list, a conversation, and what stands beside it."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import g, request

from webapp.blueprints.inbox import shown
from webapp.blueprints.inbox.places import Place, url_of, whose
from webapp.blueprints.inbox.shown import Day, Row
from webapp.models import Action, Closed, Contact, Conversation
from webapp.services import (
    inbox,
    inbox_choices,
    replies,
    report_marks,
    report_settings,
    scripts,
    threads,
)
from webapp.web import opening, paging
from webapp.web.access import me
from webapp.web.forms import new_key

SHOWN_REPLIES = 4


@dataclass(frozen=True)
class Listed:
    """The list: a page of a view, and what it may be narrowed to."""

    rows: list[Row]
    next: str | None
    actions: list[tuple[int, str]]
    tags: list[tuple[int, str]]
    people: list[tuple[int, str]]
    at: int  # when it was read, in milliseconds


@dataclass(frozen=True)
class Saved:
    """A saved reply as this contact would get it. `mark`: what it marks in the report."""

    id: int
    title: str
    text: str
    mark: str


@dataclass(frozen=True)
class Hint:
    """The open hint: the message, and whether this action's report can record an opt-out."""

    message_id: int
    can_record: bool


@dataclass(frozen=True)
class Composed:
    """What the composer holds when it comes back: text, an error, a question, and the saved
    reply that the text was made from."""

    body: str | None = None
    error: str = ""
    ask: str = ""
    saved: int | None = None


@dataclass(frozen=True)
class Thread:
    """A conversation as its pane shows it."""

    conversation: Conversation
    contact: Contact
    action: Action | None
    days: list[Day]
    last_id: int
    before: int | None  # there are earlier texts than this one
    hint: Hint | None
    closed: str  # opted_out, erased, hours or "": why there is no composer
    until: str  # for hours
    replies: list[Saved]
    saved: int | None  # the one that stands in the box
    body: str
    key: str
    composed: Composed = field(default_factory=Composed)

    @property
    def who(self) -> str:
        """How sentences call the contact."""
        return self.contact.called

    @property
    def action_name(self) -> str:
        """The action it belongs to, in words."""
        return self.action.name if self.action else "No action"

    @property
    def own(self) -> bool:
        """Whether the texter may write freely here."""
        return self.action is None or self.action.own_replies


def listed(place: Place, opened: Conversation | None, *, now: datetime) -> Listed:
    """The list at this place."""
    texter = whose()
    page = inbox.page(
        g.campaign.id,
        place.view,
        texter=texter,
        after=place.after,
        narrowed=place.narrowed,
        oldest_first=place.oldest_first,
    )
    viewer = me()
    opened_id = opened.id if opened and opened.assignee_id == viewer.id else None
    return Listed(
        rows=[
            shown.row(line, viewer, url=place.url_of(line.id), opened=line.id == opened_id, now=now)
            for line in page.lines
        ],
        next=paging.encode(*page.after) if page.after else None,
        actions=inbox_choices.actions(g.campaign.id, texter),
        tags=inbox_choices.tags(g.campaign.id),
        people=inbox_choices.people(g.campaign.id) if texter is None else [],
        at=int(now.timestamp() * 1000),
    )


def thread(conversation: Conversation, composed: Composed, *, now: datetime) -> Thread:
    """A conversation that can be seen."""
    contact = threads.contact_of(conversation)
    action = threads.action_of(conversation)
    before = _before()
    messages = threads.last(conversation, before=before)
    closed, until = _closed(conversation, contact, now=now)
    saved = _saved_replies(action, contact)
    is_newest = before is None and messages
    return Thread(
        conversation=conversation,
        contact=contact,
        action=action,
        days=shown.days(messages, contact, me(), g.campaign.own_words),
        last_id=messages[-1].id if is_newest else threads.last_id(conversation),
        before=messages[0].id if len(messages) == threads.PAGE else None,
        hint=hint(conversation, action) if not closed or closed == "hours" else None,
        closed=closed,
        until=until,
        replies=saved,
        saved=composed.saved or next((one.id for one in saved if _is_chosen(one)), None),
        body=_body(conversation, composed, saved),
        key=new_key(),
        composed=composed,
    )


def hint(conversation: Conversation, action: Action | None) -> Hint | None:
    """The hint that is open in a conversation."""
    if conversation.hint_message_id is None:
        return None
    can_record = action is None or report_settings.has_opt_out_tag(action)
    return Hint(conversation.hint_message_id, can_record)


def next_one(conversation: Conversation | None, *, now: datetime) -> tuple[str, str]:
    """The address of the next conversation, and "Luis Ortega, waiting 34 min"; "" if none."""
    line = inbox.next_after(g.campaign.id, conversation, texter=whose())
    if line is None:
        return "", ""
    waits = shown.waiting(line.replied_at, now)
    note = line.shown_name + (f", waiting {waits}" if waits else "")
    return url_of(line), note


def _closed(conversation: Conversation, contact: Contact, *, now: datetime) -> tuple[str, str]:
    try:
        replies.check_open(conversation, contact)
    except replies.ClosedError as refusal:
        return "erased" if refusal.closed is Closed.ERASED else "opted_out", ""
    opens = replies.opening(conversation, contact, now=now)
    if opens is None:
        return "", ""
    return "hours", opening.until(opens, contact, g.campaign, now=now)


def _saved_replies(action: Action | None, contact: Contact) -> list[Saved]:
    return [
        Saved(saved.id, saved.title, scripts.render(saved.body, contact, me(), g.campaign), mark)
        for saved, mark in (report_marks.saved_replies(action) if action else ())
    ]


def _body(conversation: Conversation, composed: Composed, saved: list[Saved]) -> str:
    """What stands in the box: what came back, or the draft and the saved reply just chosen."""
    if composed.body is not None:
        return composed.body
    draft = threads.draft_of(conversation, me())
    chosen = next((one.text for one in saved if _is_chosen(one)), "")
    if not chosen or chosen in draft:
        return draft
    return f"{draft.rstrip()} {chosen}".strip()


def _is_chosen(saved: Saved) -> bool:
    return str(saved.id) == request.args.get("saved")


def _before() -> int | None:
    value = request.args.get("before", "")
    return int(value) if value.isdecimal() and value.isascii() and len(value) < 19 else None
