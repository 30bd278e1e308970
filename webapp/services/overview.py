"""What the lists of actions say: state, progress, replies, opt-outs, and what to look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Exists, and_, func, or_, select

from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    Event,
    Report,
    ReportTag,
    ShownTag,
    Tag,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import action_days, marks

RUNNING = (ActionState.LAUNCHING, ActionState.LIVE, ActionState.PAUSED)


@dataclass(frozen=True, slots=True)
class Summary:
    """An action with its kept counts, and whether its texters can record an opt-out."""

    action: Action
    counts: ActionTally
    can_record: bool

    @property
    def handed_out(self) -> int:
        """First texts that were decided to be sent, whatever became of them."""
        kept = self.counts
        return (
            kept.queued
            + kept.claimed
            + kept.sending
            + self.sent
            + kept.failed
            + kept.unknown
            + kept.cancelled
        )

    @property
    def sent(self) -> int:
        """First texts that the carrier took."""
        return self.counts.sent + self.counts.delivered + self.counts.undelivered

    @property
    def gone(self) -> int:
        """First texts whose call to the carrier is over, whatever it said."""
        return self.sent + self.counts.failed + self.counts.unknown

    @property
    def left(self) -> int:
        """Those who are still to be texted: ready, or on their way to the carrier."""
        kept = self.counts
        return kept.ready + kept.queued + kept.claimed + kept.sending

    @property
    def not_delivered(self) -> int:
        """First texts that were refused, did not arrive, or may not have."""
        return self.counts.failed + self.counts.undelivered + self.counts.unknown

    @property
    def to_text(self) -> int:
        """Everybody Safeguard let through: still ready, or handed out."""
        return self.counts.ready + self.handed_out

    @property
    def opt_out_rate(self) -> float | None:
        """People who opted out in answer, in percent of those texted; None before the first."""
        return 100 * self.counts.opt_outs / self.sent if self.sent else None


def of(action: Action) -> Summary:
    """The summary of one action: look-ups by key alone."""
    return _summaries(action.campaign_id, Action.id == action.id)[0]


def all_of(campaign_id: int, texting: Texting) -> list[Summary]:
    """The campaign's actions of a kind of texting, newest first."""
    return _summaries(campaign_id, Action.texting == texting)


def of_kind(campaign_id: int, kind: ActionKind) -> list[Summary]:
    """The campaign's actions of one kind, newest first."""
    return _summaries(campaign_id, Action.kind == kind)


def alarmed(campaign_id: int) -> list[Summary]:
    """The actions that Heed has something to say about: paused by itself, or only warned."""
    return _summaries(campaign_id, Action.alarm != "")


def running(campaign_id: int) -> list[Summary]:
    """The campaign's actions that are launching, live or paused, newest first."""
    return _summaries(campaign_id, Action.state.in_(RUNNING))


def among(
    campaign_id: int,
    ids: Iterable[int],
    states: Iterable[ActionState],
    condition: ColumnElement[bool],
) -> list[Summary]:
    """The actions with these ids, and all in these states, as far as they meet a condition."""
    wanted = or_(Action.id.in_(list(ids)), Action.state.in_(list(states)))
    return _summaries(campaign_id, and_(wanted, condition))


def mark(one: Summary, *, now: datetime) -> str:
    """Changes with the state, the days or a count: "live.81c0-3f2a…". What a poll compares.

    Before the hyphen is what the page says above the counts.
    """
    said = action_days.why_closed(one.action, now=now)
    return f"{one.action.state.value}.{marks.digest(said, 4)}-{marks.digest(numbers(one), 12)}"


def numbers(one: Summary) -> str:
    """All counts of an action, one after the other."""
    columns = ActionTally.__table__.c
    return ",".join(str(getattr(one.counts, column.name)) for column in columns)


def last_removal(action: Action) -> tuple[str, datetime] | None:
    """Who took the opt-out tag out of the report last, and when."""
    row = db.session.execute(
        select(User.name, TrailEntry.at)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .where(
            TrailEntry.campaign_id == action.campaign_id,
            TrailEntry.event == Event.OPT_OUT_TAG_REMOVED,
            TrailEntry.about == Action.__tablename__,
            TrailEntry.about_id == action.id,
        )
        .order_by(TrailEntry.id.desc())
        .limit(1)
    ).first()
    return (row[0] or "the command line", row[1]) if row else None


def actions_showing(campaign_id: int) -> dict[int, int]:
    """How many actions that are not finished offer each tag in their report, by tag id."""
    rows = db.session.execute(
        select(ShownTag.tag_id, func.count())
        .join(Action, Action.id == ShownTag.action_id)
        .where(Action.campaign_id == campaign_id, Action.state != ActionState.FINISHED)
        .group_by(ShownTag.tag_id)
    )
    return {tag_id: amount for tag_id, amount in rows}  # noqa: C416 - a Result is no mapping


def last_used(campaign_id: int) -> dict[int, datetime]:
    """When each tag of the campaign was last marked in a report, by tag id: one look-up each."""
    newest = select(func.max(ReportTag.report_id)).where(ReportTag.tag_id == Tag.id)
    rows = db.session.execute(
        select(Tag.id, Report.created_at)
        .join(Report, Report.id == newest.correlate(Tag).scalar_subquery())
        .where(Tag.campaign_id == campaign_id)
    )
    return {tag_id: at for tag_id, at in rows}  # noqa: C416 - a Result is no mapping


def _summaries(campaign_id: int, condition: ColumnElement[bool]) -> list[Summary]:
    query = (
        select(Action, ActionTally, _can_record())
        .join(ActionTally, ActionTally.action_id == Action.id)
        .where(Action.campaign_id == campaign_id, condition)
        .order_by(Action.id.desc())
    )
    return [Summary(*row) for row in db.session.execute(query)]


def _can_record() -> Exists:
    """Whether an action's report offers the opt-out tag of its own kind of texting."""
    return (
        select(ShownTag.tag_id)
        .join(Tag, Tag.id == ShownTag.tag_id)
        .where(ShownTag.action_id == Action.id, Tag.opts_out_of == Action.texting)
        .correlate(Action)
        .exists()
    )
