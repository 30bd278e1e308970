"""What Analytics shows of a campaign: sums of the figures kept for it, no text is counted here."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select

from webapp.db import Base, db
from webapp.models import (
    Action,
    Campaign,
    ContactList,
    FigureOfFailures,
    FigureOfTexters,
    FigureOfTexts,
    FigureOfWaits,
    Script,
    Texting,
    User,
)
from webapp.services.outcomes import ENOUGH, OUTCOMES, Outcome, Period
from webapp.texting import failures, waits

WORK = ("sent", "replies", "reports", "hints")


@dataclass(frozen=True, slots=True)
class Line:
    """One action, script, list, hour or reason, and what became of its texts."""

    name: str
    outcome: Outcome
    note: str = ""


@dataclass(frozen=True, slots=True)
class Texter:
    """What one person did; listed by name, this is no contest."""

    name: str
    work: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of a period: in total, and by what the texts have in common."""

    total: Outcome
    wait: float | None  # median seconds from a first text to its first reply
    actions: list[Line]
    scripts: list[Line]
    lists: list[Line]
    hours: list[Line]  # 24, from midnight on


def last_days(campaign: Campaign, days: int | None, *, now: datetime) -> Period:
    """Today and the days before it, `days` together; None: everything."""
    today = now.astimezone(ZoneInfo(campaign.time_zone)).date()
    return Period(today - timedelta(days=days - 1) if days else None, today)


def overview(campaign: Campaign, period: Period, texting: Texting | None) -> Overview:
    """The figures of a period, the newest actions first. A text counts on the day it left,
    with all that came of it since."""
    by: dict[str, dict[Any, Outcome]] = {name: {} for name in ("action", "script", "list", "hour")}
    total = Outcome()
    for row in _outcomes(campaign, period, texting):
        amounts = Counter({name: getattr(row, name) for name in OUTCOMES})
        keys = {
            "action": row.action_id,
            "script": (row.action_id, row.script_id),
            "list": row.list_id,
            "hour": row.hour,
        }
        for name, key in keys.items():
            by[name].setdefault(key, Outcome()).amounts.update(amounts)
        total.amounts.update(amounts)
    names = _names(campaign, by["action"])
    return Overview(
        total=total,
        wait=_median_wait(campaign, period, texting, total),
        actions=[Line(names[one], by["action"][one]) for one in sorted(names, reverse=True)],
        scripts=_scripts(names, by["script"]),
        lists=_lists(campaign, by["list"]),
        hours=[Line(_hour(n), by["hour"].get(n, Outcome())) for n in range(24)],
    )


def totals(
    campaign: Campaign, period: Period, texting: Texting | None
) -> tuple[Outcome, float | None]:
    """What became of all texts of a period, and the median wait for a reply."""
    sums = [func.coalesce(func.sum(getattr(FigureOfTexts, name)), 0) for name in OUTCOMES]
    query = select(*sums).where(*_within(FigureOfTexts, campaign, period, texting))
    amounts = dict(zip(OUTCOMES, db.session.execute(query).one(), strict=True))
    total = Outcome(Counter(amounts))
    return total, _median_wait(campaign, period, texting, total)


def not_delivered(
    campaign: Campaign, period: Period, texting: Texting | None
) -> list[tuple[str, str, int]]:
    """Why texts did not arrive: in words, the carriers' codes, and how many; most first."""
    query = (
        select(FigureOfFailures.code, func.sum(FigureOfFailures.failed))
        .where(*_within(FigureOfFailures, campaign, period, texting))
        .group_by(FigureOfFailures.code)
        .order_by(FigureOfFailures.code)
    )
    texts: Counter[str] = Counter()
    codes: dict[str, list[str]] = {}
    for code, amount in db.session.execute(query):
        words = failures.words(code)
        texts[words] += int(amount)
        codes.setdefault(words, []).extend([code] if code.isdigit() else [])
    return [(words, ", ".join(codes[words]), amount) for words, amount in texts.most_common()]


def texters(campaign: Campaign, period: Period, texting: Texting | None) -> list[Texter]:
    """What each person did, by name."""
    query = (
        select(User.name, *(func.sum(getattr(FigureOfTexters, name)) for name in WORK))
        .join(User, User.id == FigureOfTexters.user_id)
        .where(*_within(FigureOfTexters, campaign, period, texting))
        .group_by(User.id, User.name)
        .order_by(User.name, User.id)
    )
    return [
        Texter(name, {work: int(n) for work, n in zip(WORK, amounts, strict=True)})
        for name, *amounts in db.session.execute(query)
    ]


def _outcomes(campaign: Campaign, period: Period, texting: Texting | None) -> Iterable[Any]:
    keys = [getattr(FigureOfTexts, name) for name in ("action_id", "script_id", "list_id", "hour")]
    sums = [func.sum(getattr(FigureOfTexts, name)).label(name) for name in OUTCOMES]
    query = select(*keys, *sums).where(*_within(FigureOfTexts, campaign, period, texting))
    return db.session.execute(query.group_by(*keys))


def _median_wait(
    campaign: Campaign, period: Period, texting: Texting | None, total: Outcome
) -> float | None:
    if total.texted < ENOUGH:
        return None
    query = (
        select(FigureOfWaits.step, func.sum(FigureOfWaits.replied))
        .where(*_within(FigureOfWaits, campaign, period, texting))
        .group_by(FigureOfWaits.step)
    )
    return waits.median({step: int(amount) for step, amount in db.session.execute(query)})


def _within(
    model: type[Base], campaign: Campaign, period: Period, texting: Texting | None
) -> list[ColumnElement[bool]]:
    columns = model.__table__.c
    conditions: list[ColumnElement[bool]] = [
        columns.campaign_id == campaign.id,
        columns.day <= period.last,
    ]
    if period.first is not None:
        conditions.append(columns.day >= period.first)
    if texting is not None:
        conditions.append(columns.texting == texting)
    return conditions


def _names(campaign: Campaign, ids: Iterable[int]) -> dict[int, str]:
    query = select(Action.id, Action.name).where(Action.campaign_id == campaign.id)
    return {row.id: row.name for row in db.session.execute(query.where(Action.id.in_(ids)))}


def _scripts(names: Mapping[int, str], found: Mapping[Any, Outcome]) -> list[Line]:
    """The first texts, by action; those of an action in their order."""
    query = select(Script.id, Script.action_id, Script.position, Script.body)
    known = db.session.execute(query.where(Script.action_id.in_(names))).all()
    ordered = sorted(known, key=lambda row: (-row.action_id, row.position))
    return [
        Line(f"{names[row.action_id]}, version {row.position + 1}", found[key], row.body)
        for row in ordered
        if (key := (row.action_id, row.id)) in found
    ]


def _lists(campaign: Campaign, found: Mapping[int, Outcome]) -> list[Line]:
    query = select(ContactList.id, ContactList.name).where(
        ContactList.campaign_id == campaign.id, ContactList.id.in_(found)
    )
    lines = [Line(row.name, found[row.id]) for row in db.session.execute(query.order_by("name"))]
    return lines + ([Line("No list of the action any more", found[0])] if 0 in found else [])


def _hour(hour: int) -> str:
    return f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}"
