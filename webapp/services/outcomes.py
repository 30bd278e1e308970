"""What became of some first texts, and the days that it is looked at."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

# A rate of fewer texts says more about chance than about the texts.
ENOUGH = 50
SOURCES = ("stop_word", "report", "carrier", "admin", "imported")
OUTCOMES = ("sent", "delivered", "failed", "replied", *SOURCES)


@dataclass(frozen=True, slots=True)
class Period:
    """Days in the campaign's zone, both included; without a first one, from the beginning."""

    first: date | None
    last: date

    @property
    def before(self) -> "Period | None":
        """The same number of days right before; None when there is no beginning."""
        if self.first is None:
            return None
        days = self.last - self.first + timedelta(days=1)
        return Period(self.first - days, self.last - days)


@dataclass(slots=True)
class Outcome:
    """What became of some first texts. A rate is None where fewer than ENOUGH were texted."""

    amounts: Counter[str] = field(default_factory=Counter)

    @property
    def texted(self) -> int:
        """Phones that were texted: delivered, or sent by a carrier that did not report on it."""
        return self.amounts["delivered"] + self.amounts["sent"]

    @property
    def tried(self) -> int:
        """Texts that arrived or did not."""
        return self.texted + self.amounts["failed"]

    @property
    def opt_outs(self) -> int:
        """Phones that opted out in answer, by whatever road."""
        return sum(self.amounts[source] for source in SOURCES)

    @property
    def opt_out_rate(self) -> float | None:
        """Phones that opted out, in percent of those texted."""
        return self._percent(self.opt_outs)

    @property
    def reply_rate(self) -> float | None:
        """Phones that replied anything but a stop word, in percent of those texted."""
        return self._percent(self.amounts["replied"])

    @property
    def delivery_rate(self) -> float | None:
        """Texts that arrived, in percent of those tried."""
        return 100 * self.texted / self.tried if self.tried >= ENOUGH else None

    def _percent(self, part: int) -> float | None:
        return 100 * part / self.texted if self.texted >= ENOUGH else None
