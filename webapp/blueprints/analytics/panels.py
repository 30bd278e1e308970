"""The charts of Analytics: what each one draws, its table, and the same as cells of a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.services.analytics import WORK, Line, Overview, Texter
from webapp.services.outcomes import ENOUGH, SOURCES

Value = str | int | float | None
# Lines that the page draws and lists; the file has them all.
MOST = 24
TOO_FEW = f"Not enough texts yet (at least {ENOUGH})"
RATE = (
    "Phones that opted out in answer, in percent of phones texted. Texted: delivered, or sent "
    "where the carrier reports no delivery."
)
ONCE = "A phone counts once in each action. Confirmations and goodbyes are not texts here."
COLUMNS = (
    *("Texted", "Opted out", "Opt-out rate (%)"),
    *("Replied", "Reply rate (%)", "Not delivered"),
)
HOW = {
    "stop_word": "Stop word",
    "report": "Report",
    "carrier": "Carrier",
    "admin": "Logged by an admin",
    "imported": "Import",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar or one cell: how long or how dark it is, and what it says."""

    label: str
    value: float | None
    said: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart. Rates in its rows are floats, None where texts are too few for one."""

    key: str
    title: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    bars: Sequence[Bar] = ()
    draws: str = "bars"  # "hours": the strip of a day; "": the table alone
    empty: str = ""

    @property
    def listed(self) -> Sequence[Sequence[Value]]:
        """The rows that the page has."""
        return self.rows[:MOST] if self.draws else self.rows

    @property
    def cells(self) -> list[list[str]]:
        """The rows as a file has them: plain numbers, nothing where there is no rate."""
        return [[_cell(value) for value in row] for row in self.rows]


def of(found: Overview) -> list[Panel]:
    """The charts of what became of texts."""
    total = found.total
    roads = [(HOW[source], total.amounts[source]) for source in SOURCES]
    return [
        _rates("actions", "Opt-out rate by action", f"{RATE} {ONCE}", "Action", found.actions),
        _rates("scripts", "Opt-out rate by script version", RATE, "Script", found.scripts),
        _hours(found.hours),
        _rates(
            "lists",
            "Opt-out rate by list",
            f"{RATE} A phone on several lists of an action counts under the oldest.",
            "List",
            found.lists,
        ),
        Panel(
            "opt-outs",
            "How people opted out",
            "Phones that opted out in answer to a text, by how we learned of it. They add up to "
            "the opt-outs above.",
            ("How", "Phones"),
            roads,
            [Bar(how, amount, f"{amount:,}") for how, amount in roads],
        ),
    ]


def not_delivered(reasons: Sequence[tuple[str, str, int]]) -> Panel:
    """Why texts did not arrive."""
    return Panel(
        "failures",
        "Why texts did not arrive",
        "First texts that were refused or not delivered, by what the carrier said.",
        ("Reason", "Carrier’s codes", "Texts"),
        reasons,
        [Bar(why, amount, f"{amount:,}", codes) for why, codes, amount in reasons[:MOST]],
        empty="Every text arrived.",
    )


def texters(people: Sequence[Texter]) -> Panel:
    """Who did how much: to see who needs help, not who is best."""
    return Panel(
        "texters",
        "Texters",
        "By name. Sent: first texts that the carrier took. Replies, reports and hints count on "
        "the day they were made; a hint is dealt with when it is dismissed or agreed to.",
        ("Texter", "Sent", "Replies", "Reports", "Hints handled"),
        [(one.name, *(one.work[work] for work in WORK)) for one in people],
        draws="",
        empty="Nobody has texted in these days.",
    )


def _rates(key: str, title: str, caption: str, about: str, lines: Sequence[Line]) -> Panel:
    columns: Sequence[str] = (about, *COLUMNS)
    rows: list[tuple[Value, ...]] = [(line.name, *_amounts(line)) for line in lines]
    if key == "scripts":
        columns = (about, "Text", *COLUMNS)
        rows = [(line.name, line.note, *_amounts(line)) for line in lines]
    return Panel(key, title, caption, columns, rows, [_bar(line) for line in lines[:MOST]])


def _hours(hours: Sequence[Line]) -> Panel:
    return Panel(
        "hours",
        "Opt-out rate by hour of day",
        f"{RATE} The hour is when the text left, in the campaign’s time zone; – stands for fewer "
        f"than {ENOUGH} texts.",
        ("Hour", *COLUMNS),
        [(line.name, *_amounts(line)) for line in hours],
        [_bar(line) for line in hours],
        draws="hours",
    )


def _bar(line: Line) -> Bar:
    rate = line.outcome.opt_out_rate
    counts = f"{line.outcome.opt_outs:,} of {line.outcome.texted:,}"
    said = TOO_FEW if rate is None else f"{rate:.1f}%"
    return Bar(line.name, rate, said, counts if rate is not None else "")


def _amounts(line: Line) -> tuple[Value, ...]:
    one = line.outcome
    return (
        *(one.texted, one.opt_outs, one.opt_out_rate),
        *(one.amounts["replied"], one.reply_rate, one.amounts["failed"]),
    )


def _cell(value: Value) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)
