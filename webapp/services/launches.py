"""Launching: Safeguard sorts the audience into ready and suppressed, chunk by chunk."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, case, func, insert, literal, select, update

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    Action,
    ActionState,
    ActionTally,
    Actor,
    Campaign,
    Event,
    Number,
    Reason,
    Recipient,
    RecipientState,
    User,
)
from webapp.services import (
    action_days,
    audience,
    report_settings,
    safeguard,
    scripts,
    tags,
    tally,
    trail,
)

# One chunk is one write transaction, and about a tenth of a second at most. Each chunk reads its
# own range of every table alone (safeguard.judged), so that small ones cost little more.
CHUNK = {"sqlite": 30_000, "postgresql": 16_000}
BEFORE = (ActionState.DRAFT, ActionState.SCHEDULED)


@dataclass(frozen=True)
class Preview:
    """What Safeguard says of an audience: total = ready + Σ suppressed."""

    total: int
    ready: int
    suppressed: dict[Reason, int] = field(default_factory=dict)


def preview(action: Action) -> Preview:
    """Ask Safeguard about the audience as it is now; nothing is written.

    After the launch the receipt is answered instead, from the kept counts.
    """
    if action.state.is_launched:
        return receipt(action)
    judged = _judged(action, audience.contact_ids(action).order_by(None)).subquery()
    rows = db.session.execute(select(judged.c.why, func.count()).group_by(judged.c.why))
    counts: dict[Reason | None, int] = {row[0]: row[1] for row in rows}
    suppressed = {reason: counts[reason] for reason in Reason if counts.get(reason)}
    ready = counts.get(None, 0)
    return Preview(ready + sum(suppressed.values()), ready, suppressed)


def receipt(action: Action) -> Preview:
    """What Safeguard has decided so far, from the kept counts."""
    counts = db.session.get_one(ActionTally, action.id)
    suppressed = {reason: getattr(counts, reason.value) for reason in Reason}
    return Preview(counts.total, counts.ready, {r: n for r, n in suppressed.items() if n})


def problems(action: Action, *, now: datetime) -> list[str]:
    """What keeps an action from being launched, as sentences; empty when nothing does."""
    found = []
    if not audience.lists_of(action):
        found.append("Choose at least one list in Audience.")
    found.extend(
        f"“{chosen.name}” is still being imported."
        for chosen in audience.lists_of(action)
        if not chosen.is_ready
    )
    found.extend(scripts.problems(action))
    number = db.session.get(Number, action.number_id) if action.number_id else None
    if number is None:
        found.append("Add a number to text from in Settings, then choose it in Details.")
    elif number.retired_at is not None:
        found.append("The number of this action was retired. Choose another one in Details.")
    if action_days.is_over(action, now=now):
        found.append("The last day of this action is past. Choose another one in Details.")
    return found


def launch(
    action: Action,
    *,
    by: User | None,
    now: datetime,
    acknowledged: bool = False,
    actor: Actor | None = None,
) -> Action:
    """Start a draft or a scheduled action: Safeguard sorts its audience from now on, by chunks.

    Raises ConflictError when it was launched already, also when two people press the button at
    once: the row is taken by one conditional UPDATE. Raises InvalidError when something is
    missing, when nobody can be texted, or when the report cannot record opt-outs and that was
    not acknowledged (spec: "Make sure that the opt-out tag ... is added to the Report
    Settings"). The acknowledgement is kept on the trail. `actor` is HEED when a schedule of `by`
    is kept.
    """
    check(action, acknowledged=acknowledged, now=now)
    claimed = changed_rows(
        update(Action)
        .where(Action.id == action.id, Action.state.in_(BEFORE))
        .values(
            state=ActionState.LAUNCHING,
            launched_at=now,
            launched_by=by.id if by else None,
            alarm="",
        )
    )
    if not claimed:
        raise ConflictError(f"“{action.name}” has already been launched.")
    events = [Event.LAUNCHED]
    if not report_settings.has_opt_out_tag(action):
        action.without_opt_out_tag_by = by.id if by else None
        events.insert(0, Event.LAUNCHED_WITHOUT_OPT_OUT_TAG)
    for event in events:
        trail.record(
            event,
            campaign_id=action.campaign_id,
            by=by,
            actor=actor or (None if by else Actor.HOST),
            now=now,
            about=action,
        )
    return action


def check(action: Action, *, acknowledged: bool, now: datetime) -> None:
    """Raise what would keep an action from being launched now; nothing is written."""
    if action.state.is_launched:
        raise ConflictError(f"“{action.name}” has already been launched.")
    missing = problems(action, now=now)
    if missing:
        raise InvalidError(" ".join(missing))
    if not report_settings.has_opt_out_tag(action) and not acknowledged:
        raise InvalidError(
            "Texters can't record opt-outs in this action. Put the tag back in Report Settings, "
            "or acknowledge that you launch without it.",
            field="acknowledge",
        )
    if not preview(action).ready:
        raise InvalidError("Nobody in this list can be texted.")


def sort_chunk(action: Action, *, now: datetime, size: int | None = None) -> bool:
    """Sort the next chunk of the audience; True while there is more to sort.

    One set-based statement in one short transaction. The cursor and the counts move with it,
    so a launch that was killed goes on where it stopped, and a second run adds nothing. The
    last chunk takes the action live; opt-outs that arrive meanwhile are caught at the send.
    """
    locked = db.session.scalar(
        select(Action)
        .where(Action.id == action.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if locked is None or locked.state is not ActionState.LAUNCHING:
        return False
    after = action.launch_cursor
    limit = size or CHUNK[db.engine.dialect.name]
    top = _end_of_chunk(action, after, limit)
    if top is None:
        action.state = ActionState.LIVE
        return False
    # OFFSET 0 keeps the judging together, or each contact would be judged once per column.
    ids = audience.contact_ids(action, after=after, up_to=top).order_by(None)
    judged = _judged(action, ids, (after, top)).offset(0).subquery("judged")
    state = case(
        (judged.c.why.is_(None), RecipientState.READY.value),
        else_=RecipientState.SUPPRESSED.value,
    )
    rows = select(literal(action.id), judged.c.id, state, judged.c.why, literal(0))
    columns = ["action_id", "contact_id", "state", "reason", "skips"]
    # Nobody of this chunk is there yet: the cursor moved past all who are, and the action's row is
    # held. ON CONFLICT would cost PostgreSQL half as much again, to announce and confirm each row.
    sorted_now = changed_rows(insert(Recipient).from_select(columns, rows))
    _count_chunk(action, sorted_now, after=after, up_to=top)
    action.launch_cursor = top
    return True


def _end_of_chunk(action: Action, after: int, limit: int) -> int | None:
    """The last contact of the next chunk; None when the audience is sorted."""
    ids = audience.contact_ids(action, after=after)
    full: int | None = db.session.scalar(ids.limit(1).offset(limit - 1))
    if full is not None:
        return full
    rest: int | None = db.session.scalar(select(func.max(ids.order_by(None).subquery().c.id)))
    return rest


def _count_chunk(action: Action, people: int, *, after: int, up_to: int) -> None:
    """Add a chunk of so many people to the kept counts, by a look at its range of the key."""
    found = db.session.execute(
        select(Recipient.reason, func.count())
        .where(
            Recipient.action_id == action.id,
            Recipient.contact_id > after,
            Recipient.contact_id <= up_to,
            Recipient.reason.is_not(None),
        )
        .group_by(Recipient.reason)
    )
    suppressed = {reason.value: count for reason, count in found if reason}
    ready = people - sum(suppressed.values())
    tally.add(action.id, total=people, ready=ready, **suppressed)


def _judged(
    action: Action, ids: Select[int], within: tuple[int, int] | None = None
) -> Select[int, Reason | None]:
    campaign = db.session.get_one(Campaign, action.campaign_id)
    opt_out = tags.built_in(campaign.id, action.texting)
    return safeguard.judged(action, campaign, opt_out, ids.subquery(), within=within)
