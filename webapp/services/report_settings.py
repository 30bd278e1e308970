"""Report Settings: what the report of an action offers its texters."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from webapp.db import db
from webapp.errors import InvalidError, NotFoundError
from webapp.models import Action, Campaign, Event, Question, QuestionKind, ShownTag, Tag, User
from webapp.services import campaigns, marks, tags, trail
from webapp.texting import lines
from webapp.texting import scripts as wording

MANY_TAGS = 8  # from the ninth on texters tend to mark none at all
MOST_CHOICES = 20


def tags_of(action: Action) -> list[Tag]:
    """The tags that the report offers: built-in ones first, then in the admin's order."""
    query = (
        select(Tag)
        .join(ShownTag, ShownTag.tag_id == Tag.id)
        .where(ShownTag.action_id == action.id)
        .order_by(Tag.opts_out_of.is_(None), ShownTag.position, Tag.id)
    )
    return list(db.session.scalars(query))


def questions_of(action: Action) -> list[Question]:
    """The questions that the report asks, in order."""
    query = select(Question).where(Question.action_id == action.id, Question.removed_at.is_(None))
    return list(db.session.scalars(query.order_by(Question.position, Question.id)))


def has_opt_out_tag(action: Action) -> bool:
    """Whether texters can record an opt-out of this action's own kind of texting."""
    return any(tag.opts_out_of is action.texting for tag in tags_of(action))


def opt_out_tag(action: Action) -> Tag:
    """The built-in tag of the action's kind of texting, shown in the report or not."""
    return tags.built_in(action.campaign_id, action.texting)


def show_tag(action: Action, tag: Tag, *, by: User | None, now: datetime) -> bool:
    """Offer a tag in the report; False when it was offered already."""
    if tag.campaign_id != action.campaign_id or tag.archived_at is not None:
        raise NotFoundError("This tag isn't one of the campaign's.")
    if db.session.get(ShownTag, (action.id, tag.id)):
        return False
    last = db.session.scalar(
        select(func.max(ShownTag.position)).where(ShownTag.action_id == action.id)
    )
    db.session.add(
        ShownTag(action_id=action.id, tag_id=tag.id, position=0 if last is None else last + 1)
    )
    db.session.flush()
    restored = tag.opts_out_of is action.texting
    _record(action, Event.OPT_OUT_TAG_RESTORED if restored else None, tag, by=by, now=now)
    return True


def hide_tag(action: Action, tag: Tag, *, by: User | None, now: datetime) -> bool:
    """Take a tag out of the report; False when it was not offered.

    The opt-out tag may be taken out too (the spec leaves Report Settings to the admin); pages
    then warn, and the launch asks for an acknowledgement.
    """
    shown = db.session.get(ShownTag, (action.id, tag.id))
    if shown is None:
        return False
    db.session.delete(shown)
    db.session.flush()
    removed = tag.opts_out_of is action.texting
    _record(action, Event.OPT_OUT_TAG_REMOVED if removed else None, tag, by=by, now=now)
    return True


def move_tag(action: Action, tag: Tag, *, up: bool, by: User | None, now: datetime) -> bool:
    """Move an own tag one place up or down; False at the end of the list."""
    own = [shown for shown in tags_of(action) if not shown.is_built_in]
    if tag not in own:
        raise NotFoundError("This tag isn't in the report.")
    place = own.index(tag)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(own):
        return False
    own[place], own[other] = own[other], own[place]
    for position, shown in enumerate(own, start=2):
        row = db.session.get_one(ShownTag, (action.id, shown.id))
        row.position = position
    db.session.flush()
    _record(action, None, tag, by=by, now=now)
    return True


def add_question(
    action: Action,
    label: str,
    kind: QuestionKind,
    *,
    choices: Sequence[str] = (),
    by: User | None,
    now: datetime,
) -> Question:
    """Ask another question in the report.

    Raises InvalidError for an empty label, for one that the report asks already (as a second
    press would), for a choice question with fewer than two choices, and for wording that
    imitates an opt-out tag (decision 10).
    """
    label = lines.one_line(label)
    if not label or len(label) > 120:
        raise InvalidError("Write a question of at most 120 characters.", field="label")
    tags.check_name(label, understood=True, field="label")
    asked = questions_of(action)
    if label.casefold() in {other.label.casefold() for other in asked}:
        raise InvalidError("The report asks this already.", field="label")
    question = Question(
        action_id=action.id,
        position=len(asked),
        label=label,
        kind=kind,
        choices=_checked_choices(choices) if kind is QuestionKind.CHOICE else [],
    )
    db.session.add(question)
    db.session.flush()
    _record(action, None, question, by=by, now=now)
    return question


def remove_question(question: Question, action: Action, *, by: User | None, now: datetime) -> bool:
    """Ask a question no longer; reports that answered it keep the answer."""
    if question.action_id != action.id:
        raise NotFoundError("This question isn't in the report.")
    if question.removed_at is not None:
        return False
    question.removed_at = now
    _record(action, None, question, by=by, now=now)
    return True


def set_options(
    action: Action,
    *,
    note_asked: bool,
    goodbye: bool,
    goodbye_text: str | None = None,
    by: User | None,
    now: datetime,
) -> None:
    """Whether the report has a note field, and whether it offers to send a goodbye, with which
    words.

    Without a `goodbye_text` they are what suggested_goodbye() says. An empty one turns the
    goodbye off; while it is off, words that were written stay. InvalidError (field
    "goodbye_text") for words that are too many or hold a variable: the goodbye is the same for
    everybody. The same again changes nothing.
    """
    text = _checked_goodbye(suggested_goodbye(action) if goodbye_text is None else goodbye_text)
    # Words that nobody has touched are still the campaign's, which may change them.
    own = goodbye or text != suggested_goodbye(action)
    wanted = (note_asked, goodbye and bool(text), text if own else action.goodbye_text)
    if (action.note_asked, action.goodbye, action.goodbye_text) != wanted:
        action.note_asked, action.goodbye, action.goodbye_text = wanted
        _record(action, None, None, by=by, now=now)


def suggested_goodbye(action: Action) -> str:
    """The words in the box: the action's own, or the campaign's until it has some."""
    return action.goodbye_text or db.session.get_one(Campaign, action.campaign_id).goodbye_text


def goodbye_of(action: Action | None) -> str:
    """The goodbye that the report offers; "" when it offers none."""
    return action.goodbye_text if action is not None and action.goodbye else ""


def goodbye_seen(action: Action | None) -> str:
    """What a page that shows the goodbye carries, so that its report can tell that other words
    have taken their place; "" when none is offered."""
    text = goodbye_of(action)
    return marks.digest(text, 16) if text else ""


def _checked_goodbye(text: str) -> str:
    if not text.strip():
        return ""
    if wording.unfilled(text):
        raise InvalidError("Leave out what is between { and }.", field="goodbye_text")
    return campaigns.checked_text(text, "goodbye_text")


def _checked_choices(choices: Sequence[str]) -> list[str]:
    cleaned = [text for choice in choices if (text := lines.one_line(choice))]
    if len(set(cleaned)) < 2:
        raise InvalidError(
            "Give at least two different choices, one on each line.", field="choices"
        )
    if len(cleaned) > MOST_CHOICES or any(len(choice) > 80 for choice in cleaned):
        raise InvalidError(
            f"A question can have {MOST_CHOICES} choices of 80 characters each.", field="choices"
        )
    for choice in cleaned:
        tags.check_name(choice, understood=True, field="choices")
    return list(dict.fromkeys(cleaned))


def _record(
    action: Action,
    event: Event | None,
    thing: Tag | Question | None,
    *,
    by: User | None,
    now: datetime,
) -> None:
    trail.record(
        event or Event.REPORT_SETTINGS_CHANGED,
        campaign_id=action.campaign_id,
        by=by,
        now=now,
        about=action,
        details={thing.__tablename__: thing.id} if thing is not None else {},
    )
