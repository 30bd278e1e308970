"""Units of work of webhooks; texts that arrive at the same moment are taken in together.

One transaction and one sync for all that wait keep a burst short: on SQLite there is one writer
anyway, on PostgreSQL they would queue for the kept counts. Each caller is answered after the
commit that holds its text, and a text that cannot be taken in with others is taken in alone.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app

from webapp.carriers.base import Inbound
from webapp.db import transaction, utc_now
from webapp.errors import BusyError
from webapp.services import inbound
from webapp.web.logs import log

# Carriers give up after 10 to 15 seconds, and the last try may take PATIENCE.
EARLY = 4.0
TRIES = 4
# So many at once are a crowd. Whoever of it was answered, or another one on the same connection,
# is back within so many seconds.
CROWD = 4
SOON = 0.008


def surely(work: Callable[[], object]) -> None:
    """One unit of work, begun anew when the database broke it off early.

    PostgreSQL breaks off one of two who wait for each other crosswise, sometimes the same one
    again, and a carrier may never deliver again what was answered with 503. Who has waited long
    is not kept waiting anew.
    """
    began = time.monotonic()
    for tried in range(1, TRIES + 1):
        try:
            with transaction():
                work()
            return
        except BusyError:
            if tried == TRIES or time.monotonic() - began > EARLY:
                raise


@dataclass(eq=False, slots=True)
class _Arrival:
    """A text that waits for its turn, or to hear that somebody else has taken it in."""

    text: Inbound
    turn: threading.Event = field(default_factory=threading.Event)
    is_committed: bool = False
    is_refused: bool = False  # It has to be taken in alone.


class _Queue:
    """The texts that arrive at one process.

    Whoever finds nobody at work leads: takes in its own text and those that came meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Arrival] = []
        self._is_led = False
        # After a crowd: how many are likely to wait again soon, and until when it is worth it.
        self._expected = 0
        self._expected_by = 0.0
        self._are_here = threading.Event()

    def has_taken_in(self, text: Inbound) -> bool:
        """Wait until the text is committed with others; False when it has to be alone."""
        mine = _Arrival(text)
        with self._lock:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
            if len(self._waiting) == self._expected:
                self._are_here.set()
        if not leads:
            mine.turn.wait()
        if not (mine.is_committed or mine.is_refused):
            self._lead()
        return mine.is_committed

    def _lead(self) -> None:
        together: list[_Arrival] = []
        went_well = False
        try:
            self._gather()
            went_well = self._commit(together)
        finally:
            self._hand_over(together, to_all=not went_well)

    def _gather(self) -> None:
        """Let a crowd come together, so that the next commit is not one of its first alone."""
        left = self._expected_by - time.monotonic()
        if left > 0 and len(self._waiting) < self._expected:
            self._are_here.wait(left)

    def _commit(self, together: list[_Arrival]) -> bool:
        """Take in all that wait once it is our turn to write; they are put into `together`."""
        try:
            with transaction():
                with self._lock:
                    together += self._waiting[: inbound.AT_ONCE]
                    del self._waiting[: inbound.AT_ONCE]
                answers = inbound.receive_all([one.text for one in together], now=utc_now())
        except BusyError:
            return False
        except Exception as error:
            # One text may have spoilt it for all; taken in alone, each has its own outcome.
            log.exception("texts not taken in together", kind=type(error).__name__)
            return False
        for one, answer in zip(together, answers, strict=True):
            one.is_committed = answer is not None
        return True

    def _hand_over(self, together: list[_Arrival], *, to_all: bool) -> None:
        """Wake those who were settled, and the first of those who came meanwhile, to lead.

        `to_all`: it went wrong, so that nobody who has waited waits for the next attempt.
        """
        with self._lock:
            if to_all:
                together, self._waiting = together + self._waiting, []
            following = self._waiting[:1]
            self._is_led = bool(following)
            crowd = len(together) + len(self._waiting)
            self._expected = crowd if crowd >= CROWD and not to_all else 0
            self._expected_by = time.monotonic() + SOON
            self._are_here.clear()
        for one in together:
            one.is_refused = not one.is_committed
        for one in together + following:
            one.turn.set()


def take_in(text: Inbound) -> None:
    """Commit a text; a repeated one changes nothing. Raises BusyError when it has to wait long."""
    began = time.monotonic()
    queue: _Queue = current_app.extensions.setdefault("arrivals", _Queue())
    if queue.has_taken_in(text):
        return
    if time.monotonic() - began > EARLY:
        raise BusyError("The database is busy. Try again in a moment.")
    surely(lambda: inbound.receive(text, now=utc_now()))
