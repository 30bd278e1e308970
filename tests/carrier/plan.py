"""What the stand-in does with the texts it is given."""

import random
import threading
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

Then = Literal["answer", "close", "reset", "hang", "garbage"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to the next `times` texts to `to`.

    `to`: a recipient, None for everyone. `times`: None for ever. `accept`: whether the text
    counts as taken (it gets a sid and is listed). `then`: answer with `status`; or close, reset
    or keep the connection without an answer; or answer 200 with something that is no JSON.
    `delay`: shortest and longest wait in seconds between arrival and answer. `hang_up`: close
    the connection after the answer without having announced it. `headers` are added.
    """

    to: str | None = None
    times: int | None = 1
    accept: bool = True
    then: Then = "answer"
    status: int = 201
    code: int | None = None
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: tuple[float, float] = (0.0, 0.0)
    hang_up: bool = False

    def wait(self) -> float:
        """Seconds to wait before the answer; random within the range."""
        low, high = self.delay
        return low if low == high else random.uniform(low, high)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Rule":
        """The inverse of `as_json`; raises TypeError on a field that does not exist."""
        low, high = fields.pop("delay", (0.0, 0.0))
        return cls(**fields, delay=(float(low), float(high)))

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


ACCEPT = Rule(times=None)


@dataclass(slots=True)
class _InForce:
    rule: Rule
    left: int | None


class Plan:
    """The rules in force; of those that fit, the newest wins, so a general one comes first."""

    def __init__(self) -> None:
        """No rules: every text is accepted at once."""
        self._lock = threading.Lock()
        self._rules: list[_InForce] = []

    def add(self, rule: Rule) -> None:
        """Put a rule in force."""
        with self._lock:
            self._rules.append(_InForce(rule, rule.times))

    def clear(self) -> None:
        """Forget all rules."""
        with self._lock:
            self._rules.clear()

    def next_for(self, to: str) -> Rule:
        """The rule for a text that has just arrived, used up once."""
        with self._lock:
            for one in reversed(self._rules):
                if one.rule.to not in (None, to):
                    continue
                if one.left is not None:
                    one.left -= 1
                    self._rules = [other for other in self._rules if other.left != 0]
                return one.rule
        return ACCEPT


class Scripted(Protocol):
    """Anything that takes rules."""

    def rule(self, rule: Rule) -> None:
        """Put a rule in force."""


class Director:
    """The usual rules by name, for the stand-in in this process and in another one."""

    def delay(self: Scripted, low: float, high: float | None = None, **which: Any) -> None:
        """Answer late, by `low` seconds or at random between the two; for ever unless told."""
        self.rule(Rule(**{"times": None, **which}, delay=(low, low if high is None else high)))

    def answer(
        self: Scripted,
        status: int,
        code: int | None = None,
        *,
        retry_after: str | None = None,
        **which: Any,
    ) -> None:
        """Refuse with an HTTP status and an error number; once unless told.

        Twilio's numbers of the usual faults come in Telnyx's words to those who speak Telnyx.
        """
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        self.rule(Rule(**which, accept=False, status=status, code=code, headers=headers))

    def opted_out(self: Scripted, to: str) -> None:
        """Answer every text to this phone with error 21610 (Telnyx: 40300)."""
        self.rule(Rule(to=to, times=None, accept=False, status=400, code=21610))

    def drop(self: Scripted, *, accepted: bool, reset: bool = False, **which: Any) -> None:
        """Break the connection instead of answering, after or without taking the text."""
        self.rule(Rule(**which, accept=accepted, then="reset" if reset else "close"))

    def hang(self: Scripted, *, accepted: bool, **which: Any) -> None:
        """Never answer, after or without taking the text."""
        self.rule(Rule(**which, accept=accepted, then="hang"))

    def garbage(self: Scripted, **which: Any) -> None:
        """Take the text and answer 200 with a page that is no JSON."""
        self.rule(Rule(**which, then="garbage"))
