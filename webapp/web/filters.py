"""How templates write times, phones and numbers; times are in the campaign's zone."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from flask import Flask, g
from markupsafe import Markup

from webapp.db import utc_now
from webapp.models import Action
from webapp.texting import phones, spans

UTC_ZONE = ZoneInfo("UTC")
TODAY, YESTERDAY = "Today", "Yesterday"
_TIME = Markup('<time datetime="%s">%s</time>')


def set_up(app: Flask) -> None:
    """Register the filters under their own names."""
    for filter_ in (clock, day, day_amid, when, ago, amid, days, shut, phone, thousands, plural):
        app.jinja_env.filters[filter_.__name__] = filter_


def zone() -> tzinfo:
    """The zone that this page writes times in: the campaign's, else UTC."""
    campaign = g.get("campaign")
    return ZoneInfo(campaign.time_zone) if campaign is not None else UTC_ZONE


def clock(moment: datetime) -> Markup:
    """The time of day: 2:14 pm."""
    return _time(moment, _clock(moment.astimezone(zone())))


def day(moment: datetime) -> Markup:
    """The day: Today, Yesterday, Tue, May 5, and with the year when it is another one."""
    return _time(moment, _day(moment.astimezone(zone())))


def when(moment: datetime) -> Markup:
    """Day and time: Today, 2:14 pm."""
    local = moment.astimezone(zone())
    return _time(moment, f"{_day(local)}, {_clock(local)}")


def short(moment: datetime) -> Markup:
    """The time of day today, else the day: for lists."""
    local = moment.astimezone(zone())
    said = _day(local)
    return _time(moment, _clock(local) if said == TODAY else said)


def ago(moment: datetime) -> Markup:
    """How long ago, roughly: just now, 34 min, 3 hours, 2 days."""
    return _time(moment, _span(int((utc_now() - moment).total_seconds()) // 60))


def amid(moment: datetime) -> Markup:
    """Day and time in the middle of a sentence: today, 2:14 pm."""
    local = moment.astimezone(zone())
    return _time(moment, f"{_day_amid(local)}, {_clock(local)}")


def day_amid(moment: datetime) -> Markup:
    """The day in the middle of a sentence: today, yesterday, Tue, May 5."""
    return _time(moment, _day_amid(moment.astimezone(zone())))


def days(action: Action) -> str:
    """Between which days an action texts: Tuesday, December 1 to Friday, December 4; or ""."""
    local = zone()
    span = spans.of(action.texts_from, action.texts_until, str(local))
    return spans.in_words(span, utc_now().astimezone(local).date())


def shut(action: Action) -> str:
    """Why an action sends no first text today: Texting opens on Tuesday, December 1.; or ""."""
    return spans.why_closed(action.texts_from, action.texts_until, str(zone()), utc_now())


def phone(number: str) -> str:
    """A number as people write it: (312) 555-0142."""
    return phones.pretty(number)


def thousands(number: int) -> str:
    """A count with its commas: 12,966."""
    return f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """A count and its noun: 1 contact, 1,200 contacts."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _time(moment: datetime, words: str) -> Markup:
    return _TIME % (moment.astimezone(UTC_ZONE).strftime("%Y-%m-%dT%H:%M:%SZ"), words)


def _clock(local: datetime) -> str:
    hour = local.hour % 12 or 12
    return f"{hour}:{local.minute:02} {'am' if local.hour < 12 else 'pm'}"


def _day(moment: datetime) -> str:
    local, today = moment.date(), utc_now().astimezone(moment.tzinfo).date()
    days = (today - local).days
    if days in (0, 1):
        return (TODAY, YESTERDAY)[days]
    if local.year == today.year:
        return f"{local:%a}, {local:%b} {local.day}"
    return f"{local:%b} {local.day}, {local.year}"


def _day_amid(local: datetime) -> str:
    return {TODAY: "today", YESTERDAY: "yesterday"}.get(_day(local), _day(local))


def _span(minutes: int) -> str:
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return plural(minutes // 60, "hour")
    return plural(minutes // (24 * 60), "day")
