"""What the carrier's lists know and we do not: fetched before anything is sent."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar

from flask import Flask

from webapp.carriers.base import Carrier, CarrierError, Departures, Inbound, Missed
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.services import catch_up, inbound, restoring, texted_since
from webapp.services.catch_up import Stretch
from webapp.web.logs import log

EVERY = 600.0  # seconds (decision 17: at the start and every ten minutes)
AGAIN = 20.0  # seconds after the carrier could not be asked
# Sending begins when the first catch-up is done, or after this many seconds with a warning.
PATIENCE = 120.0
AT_ONCE = 100

Listed = TypeVar("Listed")


class CatchUp(threading.Thread):
    """Reads the carrier's lists; `may_send` is set when a STOP from before the start is known.

    After a restore also when it is known whom we texted since the backup.
    """

    def __init__(
        self,
        app: Flask,
        carrier: Carrier,
        stopping: threading.Event,
        *,
        again: float = AGAIN,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(name="catch-up", daemon=True)
        self.app, self.carrier, self.stopping = app, carrier, stopping
        self.again, self.patience = again, patience
        self.may_send = threading.Event()
        settings: Settings = app.extensions["settings"]
        if carrier.missed is None:
            self.may_send.set()
            if not settings.practice:
                log.warning(
                    "this carrier keeps no list of incoming texts: a STOP from while Heed was "
                    "down is known only if the carrier delivers it again",
                    provider=carrier.name,
                )

    def run(self) -> None:
        """Read at once, then every ten minutes, sooner while the carrier cannot be asked."""
        if self.carrier.missed is None:
            return
        began = time.monotonic()
        while not self.stopping.is_set():
            done = self._read_all(self.carrier.missed)
            if done:
                self.may_send.set()
            elif (
                not self.may_send.is_set()
                and time.monotonic() - began >= self.patience
                and not self._is_owed()
            ):
                log.warning("sending begins although texts may have been missed")
                self.may_send.set()
            self.stopping.wait(EVERY if done else self.again)

    def _read_all(self, missed: Missed) -> bool:
        """Whether every number's list was read to its end."""
        try:
            with self.app.app_context():
                unread = self._read_departures()
                stretches = catch_up.due(self.carrier.name)
                db.session.rollback()
                # An answer finds its conversation by the text that it answers.
                ready = [stretch for stretch in stretches if stretch.phone not in unread]
                read = [self._read(missed, stretch) for stretch in ready]
                done = all(read) and not unread
                if done:
                    self._end_restore()
                return done
        except Exception as error:
            log.exception("catch-up failed", kind=type(error).__name__)
            return False

    def _is_owed(self) -> bool:
        """Whether a restore waits for these lists; yes also while the database cannot say."""
        try:
            with self.app.app_context():
                owed = catch_up.is_owed()
                db.session.rollback()
                return owed
        except Exception as error:
            log.exception("catch-up failed", kind=type(error).__name__)
            return True

    def _end_restore(self) -> None:
        """The first whole reading after a restore: what it was answered with may have been sent."""
        owed = catch_up.is_owed()
        db.session.rollback()
        if owed:
            with transaction():
                held = restoring.hold_answers(now=utc_now())
                catch_up.paid()
            log.info("texts since the backup are known", answers_held=held)

    def _read_departures(self) -> set[str]:
        """After a restore, read whom we texted since; the numbers whose list is not read yet."""
        owed = catch_up.sent_unread()
        db.session.rollback()
        departures = self.carrier.departures
        if departures is None:
            return set()
        return {one.phone for one in owed if not self._read_departed(departures, one)}

    def _read_departed(self, departures: Departures, owed: Stretch) -> bool:
        """Mark whom we texted from a number; what came before an error is kept."""
        marked = 0
        try:
            for some in _in_parts(departures(owed.phone, owed.since)):
                with transaction():
                    marked += texted_since.take_in(some, owed.phone, now=utc_now())
        except CarrierError as error:
            log.warning("the list of outgoing texts could not be read", why=str(error))
            return False
        finally:
            if marked:
                log.info("people texted since the backup are marked", first_texts=marked)
        with transaction():
            catch_up.sent_read(owed.phone)
        return True

    def _read(self, missed: Missed, stretch: Stretch) -> bool:
        """Take in what is new of one list; what came before an error is kept."""
        began, taken_in = utc_now(), 0
        try:
            for some in _in_parts(missed(stretch.phone, stretch.since)):
                taken_in += self._take_in(some)
        except CarrierError as error:
            log.warning("the list of incoming texts could not be read", why=str(error))
            return False
        finally:
            if taken_in:
                log.info("texts taken in late", texts=taken_in)
        self._note(stretch, began)
        return True

    def _take_in(self, texts: list[Inbound]) -> int:
        """Each text that is new, in the order in which they were sent; how many were."""
        there = catch_up.known(self.carrier.name, [text.provider_id for text in texts])
        db.session.rollback()
        new = [text for text in texts if text.provider_id not in there]
        for text in new:
            with transaction():
                inbound.receive(text, now=utc_now())
        return len(new)

    def _note(self, stretch: Stretch, began: datetime) -> None:
        with transaction():
            catch_up.note(self.carrier.name, stretch.phone, read_until=began)


def _in_parts(texts: Iterator[Listed]) -> Iterator[list[Listed]]:
    """Parts of a list. An error half-way comes after the part that was read before it."""
    while True:
        part: list[Listed] = []
        try:
            part.extend(islice(texts, AT_ONCE))
        except CarrierError:
            if part:
                yield part
            raise
        if not part:
            return
        yield part
