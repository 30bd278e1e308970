"""The queue of a broadcast is its ready recipients: a text becomes a row when it is claimed.

So a launch writes one row a person, not two, and whoever opts out before the claim has no text.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Exists, Row, Update, bindparam, select, update

from webapp.db import db, run
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    Campaign,
    Direction,
    Message,
    MessageKind,
    MessageState,
    Number,
    Recipient,
    RecipientState,
)
from webapp.rows import among, insert_rows
from webapp.services import alarms, outbox, scripts, tally, walking
from webapp.services.scripts import Merged
from webapp.services.walking import Walks
from webapp.texting import scripts as wording

EMPTY_VARIABLE = "The text has an empty variable and the campaign has no fallback for it."

# The live broadcasts that have people to text and are not resting.
_WAITING = (
    Action.kind == ActionKind.BROADCAST,
    Action.state == ActionState.LIVE,
    ActionTally.ready > 0,
    Action.id.not_in(bindparam("resting", expanding=True)),
)
_LIVE = (
    select(
        Action.id,
        Action.campaign_id,
        Action.number_id,
        Action.texting,
        Campaign.name,
        Campaign.organization,
        Campaign.fallbacks,
        *walking.LIMITS,
        alarms.has_to_ring().label("alarm_has_to_ring"),
    )
    .join(ActionTally, ActionTally.action_id == Action.id)
    .join(Campaign, Campaign.id == Action.campaign_id)
    .where(*_WAITING, Action.number_id == bindparam("number"))
    .order_by(Action.launched_at, Action.id)
)


def waits_for() -> Exists:
    """Whether a live broadcast has people to text from a number, for a statement over Number.

    To be bound: `resting`, the actions to be left out (Walks.resting).
    """
    waiting = select(Action.id).join(ActionTally, ActionTally.action_id == Action.id)
    return waiting.where(*_WAITING, Action.number_id == Number.id).correlate(Number).exists()


def draw(
    number_id: int, most: int, *, owner: str, lease_until: datetime, walks: Walks, now: datetime
) -> list[int]:
    """Claim ready recipients of the number's live broadcasts; the ids of their new texts.

    At most `most`, in contact order, the oldest launch first. Each gets its text written as
    `claimed` by this owner. Nobody outside texting hours or under the re-contact lock is drawn:
    they stay ready and are met again on the next walk (decision 13: hours defer). A broadcast
    whose opt-out rate has passed its threshold is paused here, before its next claim.
    """
    walks.is_under_way = False
    lease = {"lease_owner": owner, "lease_until": lease_until}
    drawn: list[int] = []
    for broadcast in run(_LIVE, number=number_id, resting=walks.resting(now)).all():
        if broadcast.alarm_has_to_ring:
            action = db.session.get_one(Action, broadcast.id)
            if alarms.ring(action, now=now):
                continue
        chosen = walking.choose(broadcast, most - len(drawn), walks, now=now)
        if chosen:
            taken = _take(broadcast.id, chosen)
            texts = _texts(broadcast, walks.of(broadcast.id).texts, taken, now=now)
            drawn += _write_texts(broadcast, texts, lease, now=now)
        if len(drawn) >= most:
            break
    return drawn


def _take(action_id: int, chosen: Sequence[Merged]) -> list[Merged]:
    """Take these recipients; those who were taken or opted out meanwhile drop out."""
    ids = [contact.id for contact in chosen]
    taken = set(run(_taking(db.engine.dialect.name), action=action_id, ids=ids).scalars())
    return [contact for contact in chosen if contact.id in taken]


@cache
def _taking(dialect: str) -> Update:
    return (
        update(Recipient)
        .where(
            Recipient.action_id == bindparam("action"),
            among(Recipient.contact_id, "ids", dialect),
            Recipient.state == RecipientState.READY,
        )
        .values(state=RecipientState.TEXTED)
        .returning(Recipient.contact_id)
    )


def _texts(
    broadcast: Row[Any], versions: Sequence[Row[Any]], contacts: Sequence[Merged], *, now: datetime
) -> list[dict[str, Any]]:
    """A text for each of these contacts: what the texts of one claim do not have in common."""
    read = scripts.reader(
        broadcast.fallbacks, organization=broadcast.organization or broadcast.name
    )
    references = outbox.references(len(contacts), now=now)
    texts = []
    for contact, reference in zip(contacts, references, strict=True):
        script = scripts.spread(versions, contact.id)
        texts.append(
            {
                "contact_id": contact.id,
                "script_id": script.id,
                "body": read(script.body, contact),
                "reference": reference,
            }
        )
    return texts


def _write_texts(
    broadcast: Row[Any], texts: list[dict[str, Any]], lease: dict[str, Any], *, now: datetime
) -> list[int]:
    """Write these texts; the ids of those that can be sent."""
    failed = [text for text in texts if wording.unfilled(text["body"])]
    sendable = [text for text in texts if not wording.unfilled(text["body"])] if failed else texts
    tally.add(broadcast.id, ready=-len(texts), claimed=len(sendable), failed=len(failed))
    same = _common(broadcast, now=now)
    if failed:
        why = {"error_reason": EMPTY_VARIABLE, "settled_at": now}
        insert_rows(Message, failed, {**same, **why, "state": MessageState.FAILED})
    if not sendable:
        return []
    same |= {"error_reason": "", "state": MessageState.CLAIMED, **lease}
    return sorted(insert_rows(Message, sendable, same, returning=("id",)).scalars())


def _common(broadcast: Row[Any], *, now: datetime) -> dict[str, Any]:
    """What all texts of one claim have in common; a conversation is made when somebody answers."""
    return {
        "campaign_id": broadcast.campaign_id,
        "action_id": broadcast.id,
        "number_id": broadcast.number_id,
        "texting": broadcast.texting,
        "direction": Direction.OUT,
        "kind": MessageKind.FIRST,
        "media": [],
        "attempts": 0,
        "created_at": now,
        "not_before": now,
        "is_reaction": False,
        "wrote_back": False,
    }
