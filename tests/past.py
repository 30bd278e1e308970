"""Texts of earlier days, written as they stand afterwards: for figures over many of them."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionList,
    Campaign,
    Contact,
    Conversation,
    Direction,
    Event,
    ListMember,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    Report,
    Script,
    User,
)
from webapp.services import figures, trail

_people = itertools.count()


def action(home: Campaign, name: str, **values: Any) -> Action:
    """A launched action for somebody, who is not texted."""
    return factories.action(factories.contact(of=home), of=home, name=name, **values)


def count(now: datetime | None = None) -> None:
    """The job of the minute."""
    assert figures.bring_up_to_date(transaction, now=now or utc_now(), seconds=60) == 0


def scripts_of(action: Action) -> list[int]:
    """The ids of its first texts."""
    query = select(Script.id).where(Script.action_id == action.id).order_by(Script.position)
    return list(db.session.scalars(query))


def add_script(action: Action) -> int:
    """Another version of the first text."""
    with transaction():
        made = Script(action_id=action.id, position=1, body="Vote on Tuesday. Reply STOP to end.")
        db.session.add(made)
        db.session.flush()
        return made.id


def first_texts(
    action: Action,
    amount: int,
    *,
    at: datetime,
    state: MessageState = MessageState.DELIVERED,
    **values: Any,
) -> list[Message]:
    """So many people of the action's list get a text at that moment; it ended in this state."""
    with transaction():
        list_id = db.session.scalar(
            select(ActionList.list_id).where(ActionList.action_id == action.id)
        )
        people = [_somebody(action.campaign_id) for _ in range(amount)]
        db.session.add_all(people)
        db.session.flush()
        db.session.add_all(ListMember(list_id=list_id, contact_id=one.id) for one in people)
        texts = [Message(**_text(action, one, at) | {"state": state} | values) for one in people]
        db.session.add_all(texts)
        db.session.flush()
    return texts


def replies(texts: list[Message], body: str = "Yes", *, after: timedelta) -> list[Message]:
    """Each of these people answers so long after their text."""
    with transaction():
        return [_reply(text, body, after) for text in texts]


def opt_outs(texts: list[Message], source: OptOutSource, *, after: timedelta) -> None:
    """Each of these people opts out so long after their text; the trail knows of it."""
    with transaction():
        for text in texts:
            trail.record(
                Event.OPTED_OUT,
                campaign_id=text.campaign_id,
                now=_left_at(text) + after,
                contact_id=text.contact_id,
                texting=text.texting,
                before=False,
                after=True,
                details={"source": source.value},
            )


def reports(answers: list[Message], by: User) -> None:
    """A report about the conversation of each of these replies."""
    with transaction():
        db.session.add_all(
            Report(
                campaign_id=one.campaign_id,
                action_id=one.action_id,
                conversation_id=one.conversation_id,
                contact_id=one.contact_id,
                by_user_id=by.id,
                key=f"report-{one.id}",
                created_at=one.created_at,
            )
            for one in answers
        )


def weeks(home: Campaign) -> None:
    """Some weeks of texting by hand and a broadcast, with whatever comes back."""
    people = [factories.texter(home, name=name) for name in ("Ana Sosa", "Jordan Lee")]
    canvass = action(home, "Doorstep to Ballot: who has a plan to vote?")
    thanks = action(home, "Thank you")
    rally = action(home, "Rally on Saturday", kind=ActionKind.BROADCAST)
    versions = [*scripts_of(canvass), add_script(canvass)]
    noon = utc_now().replace(hour=18, minute=0, second=0, microsecond=0)
    for n in range(24):
        at = noon - timedelta(days=2 + n, hours=n % 9 - 4)
        by = people[n % 2]
        texts = first_texts(canvass, 22, at=at, script_id=versions[n % 2], by_user_id=by.id)
        answers = replies(texts[4 : 9 + n % 3], after=timedelta(minutes=3 + 2 * n))
        reports(answers[:3], by)
        opt_outs(texts[: n % 3], list(OptOutSource)[n % 5], after=timedelta(minutes=9))
        failed = MessageState.UNDELIVERED
        first_texts(
            canvass, n % 4, at=at, state=failed, error_code=("30006", "30003", "30007")[n % 3]
        )
    first_texts(rally, 180, at=noon - timedelta(days=1), script_id=scripts_of(rally)[0])
    first_texts(thanks, 12, at=noon - timedelta(days=1), script_id=scripts_of(thanks)[0])
    count()


def _somebody(campaign_id: int) -> Contact:
    n = next(_people)
    area = ("202", "203", "205", "206", "207", "208", "209", "210", "212", "213")[n // 100 % 10]
    phone = f"+1{area}5550{100 + n % 100}"  # in other places than those of the factories
    return Contact(campaign_id=campaign_id, phone=phone, first_name="Dana")


def _text(action: Action, to: Contact, at: datetime) -> dict[str, Any]:
    return {
        "campaign_id": action.campaign_id,
        "contact_id": to.id,
        "action_id": action.id,
        "number_id": action.number_id,
        "texting": action.texting,
        "direction": Direction.OUT,
        "kind": MessageKind.FIRST,
        "body": "Hi Dana, vote on Tuesday.",
        "created_at": at,
        "sending_at": at,
        "settled_at": at,
        "attempts": 1,
    }


def _reply(text: Message, body: str, after: timedelta) -> Message:
    at = _left_at(text) + after
    same = {
        name: getattr(text, name)
        for name in ("campaign_id", "contact_id", "action_id", "number_id", "texting")
    }
    talk = Conversation(**same, has_replied=True, last_message_at=at)
    db.session.add(talk)
    db.session.flush()
    inbound = Message(
        **same,
        conversation_id=talk.id,
        direction=Direction.IN,
        kind=MessageKind.INBOUND,
        state=MessageState.RECEIVED,
        body=body,
        meaning="none",
        created_at=at,
    )
    db.session.add(inbound)
    db.session.flush()
    return inbound


def _left_at(text: Message) -> datetime:
    assert text.sending_at is not None
    return text.sending_at
