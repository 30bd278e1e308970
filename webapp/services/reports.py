"""Reports: what texters record about a conversation; a marked opt-out tag opts out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from webapp.db import db
from webapp.errors import InvalidError, NotFoundError
from webapp.models import (
    Action,
    Closed,
    Conversation,
    Event,
    Question,
    QuestionKind,
    Report,
    ReportAnswer,
    ReportTag,
    Tag,
    User,
)
from webapp.services import conversations, report_opt_outs, report_settings, tags, tally, trail
from webapp.services.outbox import one_form
from webapp.services.report_marks import drop as drop_marks

LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class Filled:
    """A report as it was filled in: tags by id, answers by question id."""

    tag_ids: Sequence[int] = ()
    answers: Mapping[int, str] = field(default_factory=dict)
    note: str = ""
    goodbye: bool = False
    goodbye_seen: str = ""  # report_settings.goodbye_seen() of the page; "" when it told nothing
    archive: bool = False


@dataclass(frozen=True)
class Sent:
    """What a report did: the kinds of texting the contact is opted out of by it."""

    report: Report
    opted_out_now: tuple[Tag, ...] = ()
    is_goodbye_changed: bool = False  # so that the one that was to be sent was not


def send(conversation: Conversation, filled: Filled, *, key: str, by: User, now: datetime) -> Sent:
    """Record a report: its own tags go onto the contact, its opt-out tags through optouts.

    (Spec: "Their report will then apply the opt-out tag to the contact".) An opt-out tag that
    an admin has just taken out of Report Settings is accepted all the same: the safe direction.
    The same `key` again changes nothing. A later report for the same conversation replaces the
    tags of the earlier one, but leaving out an opt-out tag never lifts an opt-out (decision 8).
    Whether to archive is remembered for this texter. Raises InvalidError for tags or answers
    that the report does not offer.
    """
    conversations.lock(conversation)
    key = one_form(key, conversation.id)
    earlier = _with_key(conversation.campaign_id, key)
    if earlier is not None:
        return Sent(earlier)
    marked = _offered_tags(conversation, filled.tag_ids)
    report = _write(conversation, filled, marked, key=key, by=by, now=now)
    trail.record(
        Event.REPORTED,
        campaign_id=conversation.campaign_id,
        by=by,
        now=now,
        contact_id=conversation.contact_id,
        about=report,
    )
    sent = _apply(conversation, report, marked, filled, by=by, now=now)
    drop_marks(conversation)
    _close_attention(conversation, filled)
    by.archives_on_report = filled.archive
    return sent


def correct(
    report: Report, filled: Filled, *, reason: str, key: str, by: User, now: datetime
) -> Sent:
    """Correct a report, as an admin: a new report that points to the old one.

    Raises InvalidError without a reason, or when the report was corrected already. An opt-out
    that the old report made stays; only the removal on the contact's page lifts it.
    """
    conversation = db.session.get_one(Conversation, report.conversation_id)
    conversations.lock(conversation)
    key = one_form(key, conversation.id)
    earlier = _with_key(report.campaign_id, key)
    if earlier is not None:
        return Sent(earlier)
    db.session.refresh(report)
    if not report.is_current:
        raise InvalidError("This report has been replaced by a newer one.", field="reason")
    if not reason.strip():
        raise InvalidError("Say why you correct this report.", field="reason")
    marked = _offered_tags(conversation, filled.tag_ids)
    fresh = _write(conversation, filled, marked, key=key, by=by, now=now)
    fresh.corrects_id, fresh.correction_reason = report.id, reason.strip()
    trail.record(
        Event.REPORT_CORRECTED,
        campaign_id=report.campaign_id,
        by=by,
        now=now,
        contact_id=report.contact_id,
        about=fresh,
        details={"corrects": report.id},
    )
    return _apply(conversation, fresh, marked, filled, by=by, now=now)


def current(conversation: Conversation) -> Report | None:
    """The report of a conversation that holds now, if there is one."""
    query = select(Report).where(Report.conversation_id == conversation.id, Report.is_current)
    return db.session.scalars(query.order_by(Report.id.desc())).first()


def tags_of(report: Report) -> list[Tag]:
    """The tags that were marked in a report."""
    query = select(Tag).join(ReportTag, ReportTag.tag_id == Tag.id)
    return list(db.session.scalars(query.where(ReportTag.report_id == report.id).order_by(Tag.id)))


def answers_of(report: Report) -> dict[int, str]:
    """The answers of a report by question id."""
    rows = select(ReportAnswer).where(ReportAnswer.report_id == report.id)
    return {row.question_id: row.answer for row in db.session.scalars(rows)}


def _with_key(campaign_id: int, key: str) -> Report | None:
    query = select(Report).where(Report.campaign_id == campaign_id, Report.key == key)
    return db.session.scalars(query).first()


def _action_of(conversation: Conversation) -> Action | None:
    if conversation.action_id is None:
        return None
    return db.session.get_one(Action, conversation.action_id)


def _offered_tags(conversation: Conversation, tag_ids: Sequence[int]) -> list[Tag]:
    action = _action_of(conversation)
    offered = {tag.id for tag in report_settings.tags_of(action)} if action else set()
    wanted = list(dict.fromkeys(tag_ids))
    query = select(Tag).where(Tag.campaign_id == conversation.campaign_id, Tag.id.in_(wanted))
    found = {tag.id: tag for tag in db.session.scalars(query)}
    for tag_id in wanted:
        if tag_id not in found:
            raise NotFoundError("This tag isn't one of the campaign's.")
        if tag_id not in offered and not found[tag_id].is_built_in:
            raise InvalidError("This tag isn't in the report any more.", field="tags")
    return [found[tag_id] for tag_id in wanted]


def _write(
    conversation: Conversation,
    filled: Filled,
    marked: Sequence[Tag],
    *,
    key: str,
    by: User,
    now: datetime,
) -> Report:
    action = _action_of(conversation)
    asked = {q.id: q for q in report_settings.questions_of(action)} if action else {}
    answers = {number: answer for number, answer in filled.answers.items() if answer.strip()}
    for number, answer in answers.items():
        _check_answer(asked.get(number), answer)
    _replace_earlier(conversation, marked, by=by)
    report = Report(
        campaign_id=conversation.campaign_id,
        action_id=conversation.action_id,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        by_user_id=by.id,
        note=filled.note.strip()[:LONGEST_NOTE],
        key=key,
        created_at=now,
    )
    db.session.add(report)
    db.session.flush()
    db.session.add_all(ReportTag(report_id=report.id, tag_id=tag.id) for tag in marked)
    db.session.add_all(
        ReportAnswer(report_id=report.id, question_id=number, answer=answer.strip()[:LONGEST_NOTE])
        for number, answer in answers.items()
    )
    db.session.flush()
    return report


def _check_answer(question: Question | None, answer: str) -> None:
    if question is None:
        raise InvalidError("This question isn't in the report any more.", field="answers")
    if question.kind is QuestionKind.CHOICE and answer not in question.choices:
        raise InvalidError(
            f"“{answer[:80]}” isn't an answer to “{question.label}”.",
            field=f"answers-{question.id}",
        )


def _replace_earlier(conversation: Conversation, marked: Sequence[Tag], *, by: User) -> None:
    earlier = current(conversation)
    if earlier is None:
        return
    earlier.is_current = False
    kept = {tag.id for tag in marked}
    for tag in tags_of(earlier):
        if tag.id not in kept and not tag.is_built_in:
            tags.take_off(tag, conversation.contact_id)


def _apply(
    conversation: Conversation,
    report: Report,
    marked: Sequence[Tag],
    filled: Filled,
    *,
    by: User,
    now: datetime,
) -> Sent:
    for tag in marked:
        if not tag.is_built_in:
            tags.apply(tag, conversation.contact_id, by=by, now=now)
    opt_outs = [tag for tag in marked if tag.is_built_in]
    if not opt_outs:
        return Sent(report)
    changed = filled.goodbye and not report_opt_outs.say_goodbye(
        conversation, opt_outs, seen=filled.goodbye_seen, by=by, now=now
    )
    return Sent(report, report_opt_outs.record(conversation, opt_outs, by=by, now=now), changed)


def _close_attention(conversation: Conversation, filled: Filled) -> None:
    """A report clears Needs attention; a hint that was open is answered by it."""
    db.session.refresh(conversation)
    conversation.report_due = False
    conversation.needs_reply = False
    conversation.needs_attention = False
    conversation.is_unread = False
    conversation.hint_message_id = None
    conversation.replied_at = None
    if filled.archive and conversation.closed is not Closed.STOP_WORD:
        conversation.is_archived = True
    tally.tick(conversation.campaign_id, [conversation.assignee_id])
