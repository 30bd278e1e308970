"""Whom Safeguard lets through and whom it leaves out of an action, person by person."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from webapp.db import db
from webapp.models import (
    Action,
    Campaign,
    Contact,
    Reason,
    Recipient,
    RecipientState,
)
from webapp.services import audience, safeguard, scripts, tags
from webapp.texting import scripts as wording

PAGE = 50
# Values that everybody has, and the columns of a contact that a text may use.
ALWAYS_THERE = ("texter_name", "organization")
OF_CONTACT = ("first_name", "last_name", "city")


@dataclass(frozen=True, slots=True)
class Missing:
    """How many of those who will be texted lack a value that the first text uses."""

    variable: str
    people: int
    fallback: str | None  # what their text says instead; None: nothing is set


def page(
    action: Action, reason: Reason | None, *, after: int = 0, size: int = PAGE
) -> tuple[list[Contact], int | None]:
    """People of an action by contact id, and the id to go on after (None on the last page).

    `reason` None: those who are ready. Before the launch Safeguard is asked now; after it the
    receipt tells what was decided.
    """
    launched = action.state.is_launched
    query = _then(action, reason) if launched else _now(action, reason, after=after)
    rows = query.where(Contact.id > after).order_by(Contact.id).limit(size + 1)
    found = list(db.session.scalars(rows))
    more = len(found) > size
    return found[:size], found[size - 1].id if more else None


def missing_values(action: Action) -> list[Missing]:
    """For each value that the first texts use: how many of those to be texted lack it.

    Variables that nobody lacks are left out. Nothing is written.
    """
    used = dict.fromkeys(name for text in scripts.of(action) for name in wording.fields(text.body))
    names = [name for name in used if name not in ALWAYS_THERE]
    if not names:
        return []
    campaign = db.session.get_one(Campaign, action.campaign_id)
    ready = _now(action, None).with_only_columns(
        *(func.sum(case((_lacks(name), 1), else_=0)) for name in names)
    )
    counts = db.session.execute(ready).one()
    return [
        Missing(name, people, campaign.fallbacks.get(name))
        for name, people in zip(names, counts, strict=True)
        if people
    ]


def _now(action: Action, reason: Reason | None, *, after: int = 0) -> Select[Contact]:
    """The contacts of a draft's audience of whom Safeguard says this at the moment."""
    campaign = db.session.get_one(Campaign, action.campaign_id)
    tag = tags.built_in(campaign.id, action.texting)
    ids = audience.contact_ids(action, after=after).order_by(None).subquery()
    judged = safeguard.judged(action, campaign, tag, ids).subquery()
    said = judged.c.why.is_(None) if reason is None else judged.c.why == reason
    return select(Contact).join(judged, judged.c.id == Contact.id).where(said)


def _then(action: Action, reason: Reason | None) -> Select[Contact]:
    """The contacts of a launched action that are ready still, or were suppressed for this."""
    query = select(Contact).join(Recipient, Recipient.contact_id == Contact.id)
    state = RecipientState.READY if reason is None else RecipientState.SUPPRESSED
    query = query.where(Recipient.action_id == action.id, Recipient.state == state)
    return query if reason is None else query.where(Recipient.reason == reason)


def _lacks(name: str) -> ColumnElement[bool]:
    if name in OF_CONTACT:
        return getattr(Contact, name) == ""  # type: ignore[no-any-return]
    value = Contact.fields[name].as_string()
    return or_(value.is_(None), func.trim(value) == "")
