"""Reports as admins read them: newest first, narrowed, with their thread and history."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, func, select

from webapp.db import db
from webapp.models import (
    Action,
    ActionState,
    Contact,
    Membership,
    Message,
    Question,
    Report,
    ReportAnswer,
    ReportTag,
    Tag,
    User,
)
from webapp.services import today

PAGE = 50
EXCERPT = 6
MOST_NEW = 100  # shown as 99+


@dataclass(frozen=True, slots=True)
class Line:
    """A report with what stands beside it in a list."""

    report: Report
    contact: Contact
    texter: str
    action: str | None
    tags: list[Tag]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which reports a list shows. `start` and `end` are moments: up to, and without, the end."""

    tag_id: int | None = None
    texter_id: int | None = None
    action_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None


EVERYTHING = Narrowed()


def page(
    campaign_id: int,
    narrowed: Narrowed = EVERYTHING,
    *,
    before: int | None = None,
    size: int = PAGE,
) -> tuple[list[Line], int | None]:
    """The reports that hold now, newest first, and the id to go on before.

    Reports that a later one of the same conversation replaced are in its history.
    """
    query = _wanted(campaign_id, narrowed)
    if before is not None:
        query = query.where(Report.id < before)
    ids = list(db.session.scalars(query.order_by(Report.id.desc()).limit(size + 1)))
    return _lines(ids[:size]), ids[size - 1] if len(ids) > size else None


def newer(campaign_id: int, narrowed: Narrowed, *, than: int, now: datetime) -> int:
    """How many reports of a list came after the one with the id `than`, up to MOST_NEW.

    One statement: what comes now lies within days that have begun and have not ended.
    """
    if (narrowed.start and narrowed.start > now) or (narrowed.end and narrowed.end <= now):
        return 0
    query = _wanted(campaign_id, replace(narrowed, start=None, end=None))
    some = query.where(Report.id > than).limit(MOST_NEW).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def last_id(campaign_id: int) -> int:
    """The id of the newest report, whatever it says; 0 when there is none."""
    newest = select(func.max(Report.id)).where(Report.campaign_id == campaign_id)
    return db.session.scalar(newest) or 0


def line(report: Report) -> Line:
    """One report with what stands beside it."""
    return _lines([report.id])[0]


def history(report: Report) -> list[Line]:
    """Every report of the same conversation, newest first: corrections and earlier ones."""
    query = select(Report.id).where(Report.conversation_id == report.conversation_id)
    return _lines(list(db.session.scalars(query.order_by(Report.id.desc()))))


def excerpt(report: Report) -> list[Message]:
    """The last texts that the report is about, oldest first."""
    query = (
        select(Message)
        .where(
            Message.conversation_id == report.conversation_id,
            Message.created_at <= report.created_at,
        )
        .order_by(Message.id.desc())
        .limit(EXCERPT)
    )
    return list(reversed(db.session.scalars(query).all()))


def answers(report: Report) -> list[tuple[str, str]]:
    """Questions and answers of a report, in order; questions asked no longer included."""
    query = (
        select(Question.label, ReportAnswer.answer)
        .join(ReportAnswer, ReportAnswer.question_id == Question.id)
        .where(ReportAnswer.report_id == report.id)
        .order_by(Question.position, Question.id)
    )
    return [(label, answer) for label, answer in db.session.execute(query)]


def texters(campaign_id: int) -> list[tuple[int, str]]:
    """Everybody who is or was in the campaign, as (id, name), by name."""
    query = (
        select(User.id, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.campaign_id == campaign_id)
        .order_by(User.name, User.id)
    )
    return [(user_id, name) for user_id, name in db.session.execute(query)]


def actions(campaign_id: int) -> list[tuple[int, str]]:
    """The campaign's actions that were launched, as (id, name), newest first."""
    query = select(Action.id, Action.name).where(
        Action.campaign_id == campaign_id, Action.state != ActionState.DRAFT
    )
    rows = db.session.execute(query.order_by(Action.id.desc()))
    return [(action_id, name) for action_id, name in rows]


def _wanted(campaign_id: int, narrowed: Narrowed) -> Select[int]:
    query = select(Report.id).where(Report.campaign_id == campaign_id, Report.is_current)
    if narrowed.tag_id is not None:
        marked = select(ReportTag.report_id).where(
            ReportTag.report_id == Report.id, ReportTag.tag_id == narrowed.tag_id
        )
        query = query.where(marked.exists())
    if narrowed.texter_id is not None:
        query = query.where(Report.by_user_id == narrowed.texter_id)
    if narrowed.action_id is not None:
        query = query.where(Report.action_id == narrowed.action_id)
    bounds = ((narrowed.start, Report.id.__ge__), (narrowed.end, Report.id.__lt__))
    for moment, bound in bounds:
        if moment is not None:
            query = query.where(bound(today.first_id(Report.id, Report.created_at, moment)))
    return query


def _lines(ids: list[int]) -> list[Line]:
    """The reports with these ids, newest first, in two queries."""
    marked: dict[int, list[Tag]] = {}
    for report_id, tag in db.session.execute(
        select(ReportTag.report_id, Tag)
        .join(Tag, Tag.id == ReportTag.tag_id)
        .where(ReportTag.report_id.in_(ids))
        .order_by(Tag.opts_out_of.is_(None), Tag.name)
    ):
        marked.setdefault(report_id, []).append(tag)
    query = (
        select(Report, Contact, User.name, Action.name)
        .join(Contact, Contact.id == Report.contact_id)
        .join(User, User.id == Report.by_user_id)
        .outerjoin(Action, Action.id == Report.action_id)
        .where(Report.id.in_(ids))
        .order_by(Report.id.desc())
    )
    return [
        Line(report, contact, texter, action, marked.get(report.id, []))
        for report, contact, texter, action in db.session.execute(query)
    ]
