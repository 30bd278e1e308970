"""The queue of a broadcast is its ready recipients: a text becomes a row when it is claimed.

So a launch writes one row a person, not two, and whoever opts out before the claim has no text.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Exists, Row, Select, insert, select, update

from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    Campaign,
    Contact,
    Direction,
    Message,
    MessageKind,
    MessageState,
    Number,
    Recipient,
    RecipientState,
    Script,
)
from webapp.services import alarms, recontact, scripts, tally
from webapp.services.scripts import Merged
from webapp.texting import hours
from webapp.texting import scripts as wording

# Recipients that one look goes over, and the looks of one claim: a short write transaction,
# also when texting is closed wherever they live.
WINDOW = 250
LOOKS = 4
# After a walk over the whole audience that found nobody to text now.
REST = timedelta(seconds=30)
EMPTY_VARIABLE = "The text has an empty variable and the campaign has no fallback for it."


@dataclass
class _Walk:
    cursor: int = 0
    found: bool = False
    rests_until: datetime | None = None


@dataclass
class Walks:
    """How far one sender has walked through each broadcast; a hint only, kept in memory.

    The state of the recipients decides; a sender that begins anew walks over those already
    texted by the primary key.
    """

    by_action: dict[int, _Walk] = field(default_factory=dict)
    is_under_way: bool = False  # the last claim stopped in the middle of an audience

    def of(self, action_id: int) -> _Walk:
        """The walk through this action's recipients."""
        return self.by_action.setdefault(action_id, _Walk())

    def resting(self, now: datetime) -> list[int]:
        """The actions in which nobody could be texted a moment ago."""
        return [
            action_id
            for action_id, walk in self.by_action.items()
            if walk.rests_until is not None and walk.rests_until > now
        ]


def waits_for(walks: Walks, now: datetime) -> Exists:
    """Whether a live broadcast has people to text from a number, for a statement over Number."""
    waiting = _waiting(walks, now).with_only_columns(Action.id)
    return waiting.where(Action.number_id == Number.id).correlate(Number).exists()


def draw(
    number: Number, most: int, *, owner: str, lease_until: datetime, walks: Walks, now: datetime
) -> list[int]:
    """Claim ready recipients of the number's live broadcasts; the ids of their new texts.

    At most `most`, in contact order, the oldest launch first. Each gets its text written as
    `claimed` by this owner. Nobody outside texting hours or under the re-contact lock is drawn:
    they stay ready and are met again on the next walk (decision 13: hours defer). A broadcast
    whose opt-out rate has passed its threshold is paused here, before its next claim.
    """
    walks.is_under_way = False
    drawn: list[int] = []
    for action in _live(number, walks, now):
        if alarms.ring(action, now=now):
            continue
        chosen = _choose(action, most - len(drawn), walks, now)
        if chosen:
            drawn += _write_texts(action, chosen, owner=owner, lease_until=lease_until, now=now)
        if len(drawn) >= most:
            break
    return drawn


def _live(number: Number, walks: Walks, now: datetime) -> Sequence[Action]:
    query = _waiting(walks, now).where(Action.number_id == number.id)
    oldest_first = query.order_by(Action.launched_at, Action.id)
    return db.session.scalars(oldest_first.execution_options(populate_existing=True)).all()


def _waiting(walks: Walks, now: datetime) -> Select[Action]:
    """The live broadcasts that have people to text and are not resting."""
    return (
        select(Action)
        .join(ActionTally, ActionTally.action_id == Action.id)
        .where(
            Action.kind == ActionKind.BROADCAST,
            Action.state == ActionState.LIVE,
            ActionTally.ready > 0,
            Action.id.not_in(walks.resting(now)),
        )
    )


def _choose(action: Action, most: int, walks: Walks, now: datetime) -> list[int]:
    """The next contacts who may be texted now; the walk moves on behind the last one seen."""
    campaign = db.session.get_one(Campaign, action.campaign_id)
    walk = walks.of(action.id)
    chosen: list[int] = []
    for _ in range(LOOKS):
        window = _window(action, walk.cursor)
        for contact_id in _open_now(window, action, campaign, now=now):
            chosen.append(contact_id)
            if len(chosen) == most:
                walk.cursor, walk.found = contact_id, True
                return chosen
        walk.found = walk.found or bool(chosen)
        if len(window) < WINDOW:  # The end of the audience.
            walk.rests_until = None if walk.found else now + REST
            walk.cursor, walk.found = 0, False
            return chosen
        walk.cursor = window[-1].contact_id
    walks.is_under_way = True
    return chosen


def _window(action: Action, after: int) -> Sequence[Row[int, str]]:
    query = (
        select(Recipient.contact_id, Contact.zones)
        .join(Contact, Contact.id == Recipient.contact_id)
        .where(
            Recipient.action_id == action.id,
            Recipient.contact_id > after,
            Recipient.state == RecipientState.READY,
        )
        .order_by(Recipient.contact_id)
        .limit(WINDOW)
    )
    return db.session.execute(query).all()


def _open_now(
    window: Sequence[Row[int, str]], action: Action, campaign: Campaign, *, now: datetime
) -> list[int]:
    """Those of a window who are inside texting hours and not locked, in order."""
    is_open = {
        zones: hours.may_text(now, campaign.hours, campaign.time_zone, zones)
        for zones in {row.zones for row in window}
    }
    ids = [row.contact_id for row in window if is_open[row.zones]]
    locked = recontact.free_at(ids, action.id, campaign, now=now)
    return [contact_id for contact_id in ids if contact_id not in locked]


def _write_texts(
    action: Action, contact_ids: list[int], *, owner: str, lease_until: datetime, now: datetime
) -> list[int]:
    """Take the recipients, and write a text for each; those taken by another worker drop out."""
    taken = set(
        db.session.scalars(
            update(Recipient)
            .where(
                Recipient.action_id == action.id,
                Recipient.contact_id.in_(contact_ids),
                Recipient.state == RecipientState.READY,
            )
            .values(state=RecipientState.TEXTED)
            .returning(Recipient.contact_id)
            .execution_options(synchronize_session=False)
        )
    )
    contacts = db.session.execute(
        select(*scripts.MERGED).where(Contact.id.in_(taken)).order_by(Contact.id)
    ).all()
    campaign = db.session.get_one(Campaign, action.campaign_id)
    versions = scripts.of(action)
    texts = [
        _text(action, contact, campaign, scripts.spread(versions, contact.id), now=now)
        for contact in contacts
    ]
    lease = {"lease_owner": owner, "lease_until": lease_until}
    if texts:
        connection = db.session.connection()
        connection.execute(insert(Message), [{**text, **lease} for text in texts])
    sendable = [text["reference"] for text in texts if text["state"] is MessageState.CLAIMED]
    failed = len(texts) - len(sendable)
    tally.add(action.id, ready=-len(texts), claimed=len(sendable), failed=failed)
    written = select(Message.id).where(Message.reference.in_(sendable)).order_by(Message.id)
    return list(db.session.scalars(written))


def _text(
    action: Action, contact: Merged, campaign: Campaign, script: Script, *, now: datetime
) -> dict[str, Any]:
    body = scripts.render(script.body, contact, None, campaign)
    unfilled = wording.unfilled(body)
    return {
        "campaign_id": action.campaign_id,
        "contact_id": contact.id,
        "conversation_id": None,  # made when the contact answers
        "action_id": action.id,
        "number_id": action.number_id,
        "texting": action.texting,
        "direction": Direction.OUT,
        "kind": MessageKind.FIRST,
        "state": MessageState.FAILED if unfilled else MessageState.CLAIMED,
        "error_reason": EMPTY_VARIABLE if unfilled else "",
        "settled_at": now if unfilled else None,
        "body": body,
        "media": [],
        "script_id": script.id,
        "reference": secrets.token_urlsafe(16),
        "attempts": 0,
        "created_at": now,
        "not_before": now,
        "is_reaction": False,
        "wrote_back": False,
    }
