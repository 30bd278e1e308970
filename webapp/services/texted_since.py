"""Who was texted after the backup that was restored, by the carrier's own list: not again.

Twice is worse than not at all (decision 11). A text whose words are those of one action alone was
sent by it. Any other one may have been the first text of every action that would have sent it
from that number: there the person's text becomes `unknown`, and an admin decides.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select, update

from webapp.carriers.base import Departure
from webapp.db import db
from webapp.models import Action, Message, MessageKind, MessageState
from webapp.services import (
    already_texted,
    outbox,
    restoring,
    scripts,
    settlement,
    texted_ground,
    turns,
)
from webapp.services.texted_ground import OPEN, Ground, Version
from webapp.texting import phones

KNOWN = "By the carrier's list it left after the backup that was restored."
MAYBE = (
    "The carrier's list shows a text to this person after the backup that was restored. "
    "It may have been this one."
)
LEFT = (
    "A backup was restored. The carrier's list shows texts with these words after it was made, "
    "so this may have been sent."
)
ARRIVED = ("sent", "delivered")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done: first texts by action and contact, texts to be held, and to be settled
    by their reference."""

    marks: dict[Action, dict[int, dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    held: set[int] = field(default_factory=set)
    settled: list[tuple[str, Departure]] = field(default_factory=list)


def take_in(texts: Collection[Departure], phone: str, *, now: datetime) -> int:
    """Mark who got one of these texts, which left from our number `phone`; how many first texts.

    A text that the database knows by the carrier's id changes nothing, and no text does the
    second time. Whoever is marked is not texted a first time by that action any more.
    """
    people = {text: phones.read(text.recipient).e164 or text.recipient for text in texts}
    # Another worker may be reading the same list: what it has marked is seen.
    turns.take_for_phones(set(people.values()), [phone], wait=True)
    new = texted_ground.new_ones(texts)
    ground, plan = texted_ground.of(phone, {people[text] for text in new}), _Plan()
    for text in sorted(new, key=lambda text: text.sent_at or now):
        fits = ground.read_as(text)
        _warn_drafts(fits)
        for contact in ground.people.get(people[text], ()):
            _weigh(ground, plan, text, fits, contact, now=now)
    return _carry_out(plan, now=now)


def _warn_drafts(fits: Iterable[Version]) -> None:
    """A draft with the words of a text that left may have been launched since the backup."""
    for action in {one.action for one in fits}:
        is_silent = action.alarm in ("", restoring.KEPT_BACK)
        if is_silent and action.kind in restoring.SENDS and not action.state.is_launched:
            action.alarm = LEFT


def _weigh(
    ground: Ground,
    plan: _Plan,
    text: Departure,
    fits: list[Version],
    contact: Row[Any],
    *,
    now: datetime,
) -> None:
    """What a text to a contact means for each action that may still text them."""
    is_certain = text.report.status is not None and text.report.provider_id != ""
    sure = fits[0] if is_certain and len({one.action for one in fits}) == 1 else None
    waiting = ground.waiting.get(contact.id, [])
    itself = next((one for one in waiting if is_certain and _is(one, text, sure)), None)
    if itself is not None:
        waiting.remove(itself)
        plan.settled.append((itself.reference, text))
    for action in ground.concerned(text, fits):
        if action.campaign_id != contact.campaign_id or not texted_ground.is_running(action):
            continue
        plan.held.update(one.id for one in waiting if _is_queued(one, action))
        if (action.id, contact.id) in ground.ready:
            _mark(ground, plan, text, sure, contact, action, now=now)


def _is(one: Row[Any], text: Departure, sure: Version | None) -> bool:
    """Whether an open text of ours is the one that left.

    It is if the restore held it and the words are the same, or if it is the first text of the one
    action that has such words.
    """
    if one.error_reason == restoring.WHY and one.body.strip() == text.body.strip():
        return True
    return sure is not None and _is_first(one, sure.action)


def _is_first(one: Row[Any], action: Action) -> bool:
    return one.kind is MessageKind.FIRST and one.action_id == action.id


def _is_queued(one: Row[Any], action: Action) -> bool:
    """Whether it is a first text of this action that would leave by itself."""
    return _is_first(one, action) and one.state is not MessageState.UNKNOWN


def _mark(
    ground: Ground,
    plan: _Plan,
    text: Departure,
    sure: Version | None,
    contact: Row[Any],
    action: Action,
    *,
    now: datetime,
) -> None:
    """Note the first text of an action to somebody ready: the one that left, or an unknown one."""
    marks, at = plan.marks[action], text.sent_at or now
    there = marks.get(contact.id)
    if there is None:
        there = marks[contact.id] = _unknown(ground, action, contact, at=at, now=now)
    if sure is None or there["state"] is not MessageState.UNKNOWN:
        return
    if text.report.opted_out:  # What follows from that, follows from its report.
        plan.settled.append((there["reference"], text))
        return
    there |= _moments(at) | {
        "script_id": sure.script_id,
        "body": text.body,
        "state": MessageState(text.report.status or "unknown"),
        "provider": text.report.provider,
        "provider_id": text.report.provider_id,
        "error_code": text.report.error_code,
        "error_reason": KNOWN if text.report.status in ARRIVED else "",
    }


def _unknown(
    ground: Ground, action: Action, contact: Row[Any], *, at: datetime, now: datetime
) -> dict[str, Any]:
    """The first text as it would leave if an admin released it."""
    campaign = ground.campaigns[contact.campaign_id]
    versions = [one for one in ground.versions if one.action is action and one.body]
    version = scripts.spread(versions, contact.id) if versions else Version(action, None, "")
    organization = campaign.organization or campaign.name
    read = scripts.reader(campaign.fallbacks, organization=organization)
    return _moments(at) | {
        "number_id": ground.numbers[contact.campaign_id].id,
        "script_id": version.script_id,
        "body": read(version.body or "", contact),
        "reference": outbox.reference(now),
        "state": MessageState.UNKNOWN,
        "provider": None,
        "provider_id": None,
        "error_code": None,
        "error_reason": MAYBE,
        "attempts": 1,
    }


def _moments(at: datetime) -> dict[str, datetime]:
    return dict.fromkeys(("created_at", "not_before", "sending_at", "settled_at"), at)


def _carry_out(plan: _Plan, *, now: datetime) -> int:
    marked = sum(already_texted.mark(action, texts) for action, texts in plan.marks.items())
    held = Message.id.in_(plan.held), Message.state.in_(OPEN)
    marked += restoring.hold_texts(*held, why=MAYBE, now=now) if plan.held else 0
    for reference, text in plan.settled:
        marked += _settle(reference, text, now=now)
    return marked


def _settle(reference: str, text: Departure, *, now: datetime) -> bool:
    """A text of ours is the one that left; its report says what became of it."""
    is_open = Message.reference == reference, Message.state.in_(OPEN)
    if db.session.scalar(select(Message.id).where(*is_open)) is None:
        return False
    db.session.execute(
        update(Message)
        .where(*is_open)
        .values(
            body=text.body,
            sending_at=func.coalesce(Message.sending_at, text.sent_at or now),
            attempts=case((Message.attempts == 0, 1), else_=Message.attempts),
            error_reason=KNOWN if text.report.status in ARRIVED else "",
        )
        .execution_options(synchronize_session=False)
    )
    return settlement.report(replace(text.report, reference=reference), now=now)
