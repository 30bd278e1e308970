"""What the page for first texts shows right now: one person, or why there is none."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.models import Action, ActionState, Campaign, Contact, Message, User
from webapp.services import action_days, approvals, batch_hours, inbox, shifts
from webapp.services.batch_hours import Turn
from webapp.texting import segments
from webapp.web import opening


class Shown(StrEnum):
    """The states of the page."""

    SEND = "send"
    CLOSED = "closed"  # outside texting hours for everybody in the batch
    LOCKED = "locked"  # everybody in the batch got another action's first text a short while ago
    SHUT = "shut"  # before the first day of the action, or after its last
    APPROVAL = "approval"  # an admin has to approve this texter first
    PAUSED = "paused"
    LAUNCHING = "launching"
    FINISHED = "finished"
    DONE = "done"  # nobody is left in the batch


@dataclass(frozen=True)
class Card:
    """Everything that `text/_card.html` needs to know."""

    shown: Shown
    next: shifts.Next | None
    place: str  # "Pilsen · 1:22 pm there"
    until: str  # when texting opens, for CLOSED and LOCKED
    why: str  # the sentence for SHUT
    paused_by: User | None
    summary: shifts.Summary | None
    failed: list[tuple[Message, Contact]]
    waiting: int

    @property
    def parts(self) -> segments.Parts | None:
        """What the text costs."""
        return segments.count(self.next.body) if self.next else None


def card(action: Action, texter: User, campaign: Campaign, *, now: datetime) -> Card:
    """The card of this texter in this action."""
    upcoming = shifts.up_next(action, texter, now=now)
    shut = action_days.why_closed(action, now=now)
    waits = approvals.is_waiting(campaign.id, texter.id)
    shown = Shown.APPROVAL if waits else _shown(action, upcoming, shut)
    contact = upcoming.contact if upcoming else None
    until = ""
    if upcoming and contact and upcoming.opens_at:
        until = opening.until(upcoming.opens_at, contact, campaign, now=now)
    return Card(
        shown=shown,
        next=upcoming,
        place=_place(contact, now) if contact else "",
        until=until,
        why=shut,
        paused_by=shifts.paused_by(action),
        summary=shifts.summary(action, texter) if shown is Shown.DONE else None,
        failed=shifts.failed(action, texter),
        waiting=inbox.counts(campaign.id, texter)[inbox.View.NEEDS],
    )


def showing(action: Action, texter: User, campaign: Campaign, *, now: datetime) -> Shown:
    """The state of the page alone, for its poll: three statements at most."""
    if approvals.is_waiting(campaign.id, texter.id):
        return Shown.APPROVAL
    if action.state is not ActionState.LIVE:
        return Shown(action.state.value)
    upcoming = batch_hours.first_turn(action, texter, campaign, now=now)
    return _shown(action, upcoming, action_days.why_closed(action, now=now))


def _shown(action: Action, upcoming: shifts.Next | Turn | None, shut: str) -> Shown:
    if action.state is not ActionState.LIVE:
        return Shown(action.state.value)
    if shut:
        return Shown.SHUT
    if upcoming is None:
        return Shown.DONE
    if upcoming.opens_at is None:
        return Shown.SEND
    return Shown.LOCKED if upcoming.is_locked else Shown.CLOSED


def _place(contact: Contact, now: datetime) -> str:
    return " · ".join(filter(None, (contact.city, opening.there(contact, now=now))))
