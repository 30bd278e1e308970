"""Automated actions as they stand: keywords, answer, tags, and what came of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, String, and_, case, cast, func, literal, select, update

from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    ActionTally,
    ActionTexter,
    Automation,
    AutomationKeyword,
    AutomationTag,
    Conversation,
    Direction,
    Event,
    Message,
    MessageKind,
    MessageState,
    Number,
    Script,
    Tag,
    TrailEntry,
)
from webapp.services import scripts

# Conversations that a page counts at most; more are shown as "10,000+".
MOST_COUNTED = 10_000
MOST_LISTED = 1_000


@dataclass(frozen=True)
class Listed:
    """An automated action as a list shows it."""

    action: Action
    opts_in: bool
    words: list[str]


@dataclass(frozen=True)
class Automated:
    """An automated action with all that belongs to it."""

    action: Action
    opts_in: bool
    number: Number | None
    answer: Script | None = None
    words: list[str] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True)
class Figures:
    """What came of an automated action. Counted up to MOST_COUNTED people, the newest first."""

    people: int  # who texted one of its keywords
    texts_in: int
    answers: int
    opt_ins: int  # people
    opt_outs: int  # people who opted out in answer to it
    is_cut: bool


def of(action: Action) -> Automated:
    """Everything about an automated action."""
    own = db.session.get_one(Automation, action.id)
    texts = scripts.of(action)
    return Automated(
        action,
        own.opts_in,
        db.session.get(Number, action.number_id) if action.number_id else None,
        texts[-1] if texts else None,
        _words(action.id),
        _tags(action.id),
    )


def all_of(campaign_id: int) -> list[Listed]:
    """The campaign's automated actions, newest first; two statements however many there are."""
    query = (
        select(Action, Automation.opts_in)
        .join(Automation, Automation.action_id == Action.id)
        .where(Action.campaign_id == campaign_id, Action.kind == ActionKind.AUTOMATED)
        .order_by(Action.id.desc())
    )
    keywords = (
        select(AutomationKeyword.action_id, AutomationKeyword.word)
        .where(AutomationKeyword.campaign_id == campaign_id)
        .order_by(AutomationKeyword.id)
    )
    words = defaultdict(list)
    for action_id, word in db.session.execute(keywords):
        words[action_id].append(word)
    found = db.session.execute(query)
    return [Listed(action, opts_in, words[action.id]) for action, opts_in in found]


def facts(shown: Automated) -> dict[str, Any]:
    """What the trail keeps of an automated action: settings, no bodies."""
    chosen = select(ActionTexter.user_id).where(ActionTexter.action_id == shown.action.id)
    return {
        "number": shown.action.number_id,
        "texters": list(db.session.scalars(chosen.order_by(ActionTexter.user_id))),
        "keywords": shown.words,
        "opts_in": shown.opts_in,
        "tags": [tag.id for tag in shown.tags],
        "script": shown.answer.id if shown.answer else None,
    }


def people_of(action_ids: Sequence[int]) -> dict[int, int]:
    """How many people texted each action, by its id, counted up to MOST_LISTED; one statement."""
    counts = [
        select(func.count()).select_from(_threads(one, MOST_LISTED).subquery()).scalar_subquery()
        for one in action_ids
    ]
    if not counts:
        return {}
    return dict(zip(action_ids, db.session.execute(select(*counts)).one(), strict=True))


def figures(action: Action) -> Figures:
    """What came of an automated action, counted along the key of its conversations."""
    threads = _threads(action.id, MOST_COUNTED).subquery()
    is_answer = and_(Message.kind == MessageKind.AUTOMATED, Message.state != MessageState.CANCELLED)
    opted_in = (
        select(TrailEntry.id)
        .where(
            TrailEntry.contact_id == threads.c.contact_id,
            TrailEntry.event.in_((Event.OPTED_IN, Event.OPT_OUT_LIFTED)),
            TrailEntry.about == Action.__tablename__,
            TrailEntry.about_id == action.id,
        )
        .exists()
    )
    people, opt_ins = db.session.execute(
        select(func.count(), func.sum(case((opted_in, 1), else_=0))).select_from(threads)
    ).one()
    texts_in, answers = db.session.execute(
        select(
            func.sum(case((Message.direction == Direction.IN, 1), else_=0)),
            func.sum(case((is_answer, 1), else_=0)),
        )
        .select_from(threads)
        .join(Message, Message.conversation_id == threads.c.id)
    ).one()
    counts = db.session.get_one(ActionTally, action.id)
    return Figures(
        people, texts_in or 0, answers or 0, opt_ins or 0, counts.opt_outs, people == MOST_COUNTED
    )


def free_keywords(action: Action) -> None:
    """Let others use the keywords of a finished action; its page still tells them.

    The words stay; what they are compared by becomes what nobody can text.
    """
    db.session.execute(
        update(AutomationKeyword)
        .where(AutomationKeyword.action_id == action.id)
        .values(folded=literal("#") + cast(AutomationKeyword.id, String))
        .execution_options(synchronize_session=False)
    )


def _threads(action_id: int, most: int) -> Select[Any, Any]:
    query = select(Conversation.id, Conversation.contact_id)
    return (
        query.where(Conversation.action_id == action_id)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(most)
    )


def _words(action_id: int) -> list[str]:
    query = select(AutomationKeyword.word).where(AutomationKeyword.action_id == action_id)
    return list(db.session.scalars(query.order_by(AutomationKeyword.id)))


def _tags(action_id: int) -> list[Tag]:
    query = (
        select(Tag)
        .join(AutomationTag, AutomationTag.tag_id == Tag.id)
        .where(AutomationTag.action_id == action_id, Tag.archived_at.is_(None))
    )
    return list(db.session.scalars(query.order_by(Tag.folded_name)))
