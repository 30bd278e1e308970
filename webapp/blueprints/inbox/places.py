"""Where in the inbox somebody is: whose conversations, which view, which filters."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import g, request, url_for

from webapp.models import Conversation, User
from webapp.services import inbox
from webapp.services.inbox import Filter, View
from webapp.services.inbox_lines import Line
from webapp.web import paging, queries
from webapp.web.access import me
from webapp.web.queries import LARGEST_ID

NOBODY = "none"
OLDEST = "oldest"


@dataclass(frozen=True)
class Place:
    """A view and its filters, as the address says them."""

    view: View
    narrowed: Filter
    kept: dict[str, Any]  # what links carry on
    after: tuple[datetime, int] | None
    oldest_first: bool  # who has waited longest

    @cached_property
    def _list_url(self) -> tuple[str, str, str]:
        return url_for("inbox.index", **self.kept).partition("?")

    def url_of(self, conversation_id: int) -> str:
        """A conversation with this list beside it: url_for, without asking it fifty times."""
        path, mark, query = self._list_url
        return f"{path}/{conversation_id}{mark}{query}"


def whose() -> User | None:
    """Whose conversations this person sees: their own, or None for everybody's (admins)."""
    return None if g.membership.role.runs_campaign else me()


def find(conversation_id: int, *, hidden: bool = False) -> Conversation:
    """A conversation that this person may see, or 404."""
    if conversation_id > LARGEST_ID:
        conversation_id = 0
    return inbox.find(g.campaign.id, conversation_id, texter=whose(), hidden=hidden)


def here() -> Place:
    """The place that the address names; what it gets wrong is left out."""
    view = request.args.get("view", "")
    known = view if view in set(View) else View.NEEDS.value
    search = request.args.get("q", "").replace("\x00", "")[:200].strip()
    action_id, tag_id = _filter("action"), _filter("tag")
    texter = request.args.get("texter", "") if whose() is None else ""
    narrowed = Filter(
        search=search,
        action_id=action_id,
        tag_id=tag_id,
        assignee_id=_filter("texter") if texter not in ("", NOBODY) else None,
        is_unassigned=texter == NOBODY,
    )
    kept = {
        "view": known if known != View.NEEDS else "",
        "q": search,
        "action": str(action_id or ""),
        "tag": str(tag_id or ""),
        "texter": NOBODY if narrowed.is_unassigned else str(narrowed.assignee_id or ""),
        "sort": OLDEST if request.args.get("sort") == OLDEST else "",
    }
    return Place(
        View(known),
        narrowed,
        {name: value for name, value in kept.items() if value},
        paging.decode(request.args.get("after"), datetime),
        kept["sort"] == OLDEST,
    )


def url_of(conversation: Conversation | Line, page: str = "conversation", **values: Any) -> str:
    """A page of a conversation, with the list beside it as it is."""
    return url_for(f"inbox.{page}", conversation_id=conversation.id, **here().kept, **values)


def _filter(name: str) -> int | None:
    return queries.asked(name, most=queries.LARGEST_INTEGER)
