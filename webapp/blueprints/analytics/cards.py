"""The four cards of Analytics, each beside the days before."""

from dataclasses import dataclass

from webapp.services.analytics import Overview
from webapp.services.outcomes import ENOUGH, Outcome

Earlier = tuple[Outcome, float | None]
SAME = 0.05  # points: less than what is shown


@dataclass(frozen=True, slots=True)
class Card:
    """A figure, what it was made of, and how it was before."""

    label: str
    icon: str
    value: str
    made_of: str
    change: str


def of(found: Overview, earlier: Earlier | None, days: str) -> list[Card]:
    """Delivered, reply rate, opt-out rate and median reply time. `earlier`: None for all days."""
    now, (before, wait_before) = found.total, earlier or (Outcome(), None)
    since = f"the {days} days before" if earlier else ""
    return [
        Card(
            "Delivered",
            "checks",
            _percent(now.delivery_rate),
            f"{now.texted:,} of {now.tried:,} texts{_unreported(now)}",
            _points(now.delivery_rate, before.delivery_rate, since),
        ),
        Card(
            "Reply rate",
            "reply",
            _percent(now.reply_rate),
            f"{now.amounts['replied']:,} of {now.texted:,} phones texted",
            _points(now.reply_rate, before.reply_rate, since),
        ),
        Card(
            "Opt-out rate",
            "stop",
            _percent(now.opt_out_rate),
            f"{now.opt_outs:,} of {now.texted:,} phones texted",
            _points(now.opt_out_rate, before.opt_out_rate, since),
        ),
        Card(
            "Median reply time",
            "clock",
            "–" if found.wait is None else span(found.wait),
            "From the first text to the first reply",
            _longer(found.wait, wait_before, since),
        ),
    ]


def span(seconds: float) -> str:
    """A time as people say it, in steps no finer than it is known."""
    if seconds < 60:
        return "Under 1 min"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 86400:.1f} days"


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1f}%"


def _unreported(now: Outcome) -> str:
    sent = now.amounts["sent"]
    return f", {sent:,} of them without a report" if sent else ""


def _points(now: float | None, before: float | None, since: str) -> str:
    if now is None:
        return f"Not enough texts yet (at least {ENOUGH})"
    if not since:
        return ""
    if before is None:
        return f"Fewer than {ENOUGH} texts in {since}"
    if abs(now - before) < SAME:
        return f"As in {since}"
    way = "up" if now > before else "down"
    return f"{abs(now - before):.1f} points {way} from {since}"


def _longer(now: float | None, before: float | None, since: str) -> str:
    if now is None:
        return "No replies yet, or not enough texts"
    if not since:
        return ""
    if before is None:
        return f"Nothing to compare with in {since}"
    if span(now) == span(before):
        return f"As in {since}"
    return f"{'Longer' if now > before else 'Shorter'} than {span(before)} in {since}"
