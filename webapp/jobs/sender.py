"""A sender: claims texts, takes each one right before its call, and writes down how it ended."""

import os
import socket
import threading
import uuid
from datetime import UTC, datetime

from flask import Flask

from webapp.carriers.base import Carrier, Result
from webapp.config import Settings
from webapp.db import db, is_away, transaction, utc_now
from webapp.errors import BusyError
from webapp.services import claims, delivery, settlement
from webapp.services.walking import Walks
from webapp.web.logs import log

IDLE = 0.2  # seconds between two looks at an empty outbox
AWAY = 2.0  # seconds to wait when the database is locked or away
SETTLES_FOR = 30  # tries to write down an outcome before it is left to the sweep


class Sender(threading.Thread):
    """One thread that sends. Any number may run, in any number of processes."""

    def __init__(
        self,
        app: Flask,
        carrier: Carrier,
        stopping: threading.Event,
        may_send: threading.Event | None = None,
    ) -> None:
        """`may_send`: set when the texts that came while Heed was down are known."""
        super().__init__(name="sender", daemon=True)
        self.app, self.carrier, self.stopping, self.may_send = app, carrier, stopping, may_send
        self.owner = f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        settings: Settings = app.extensions["settings"]
        self.rate = settings.sending_rate
        self.walks = Walks()
        self.status_url = None
        if not settings.practice:
            self.status_url = f"{settings.public_url}{carrier.status_path}"

    def run(self) -> None:
        """Send until told to stop. Whatever goes wrong is logged and nothing is sent twice."""
        while self.may_send is not None and not self.may_send.wait(IDLE):
            if self.stopping.is_set():
                return
        while not self.stopping.is_set():
            try:
                worked = self.send_some()
            except Exception as error:
                log.exception("sending stopped", kind=type(error).__name__)
                self.stopping.wait(AWAY)
            else:
                if not worked:
                    self.stopping.wait(IDLE)

    def send_some(self) -> int:
        """Claim the next texts and send them; 0 when there is nothing to do now."""
        with self.app.app_context():
            if not self._is_waiting():
                return 0
            with transaction():
                claimed = claims.claim(
                    owner=self.owner, rate=self.rate, walks=self.walks, now=utc_now()
                )
            for text in claimed:
                self._wait_until(text.at)
                if self.stopping.is_set():
                    break  # The lease lapses and another worker claims them.
                self._send_one(text.message_id)
            return len(claimed) or int(self.walks.is_under_way)

    def _is_waiting(self) -> bool:
        """Look without locking: writers are not held up by senders that have nothing to do."""
        waiting = claims.is_waiting(self.walks, now=utc_now())
        db.session.rollback()
        return waiting

    def _send_one(self, message_id: int) -> None:
        with transaction():
            outgoing = delivery.take(
                message_id, owner=self.owner, status_url=self.status_url, now=utc_now()
            )
        if outgoing is None:
            return
        if not self._still_wanted(message_id):
            with transaction():
                delivery.withdraw(message_id, owner=self.owner, now=utc_now())
            return
        self._settle(message_id, self.carrier.send(outgoing))

    def _still_wanted(self, message_id: int) -> bool:
        """The guard once more, with no transaction left open over the call."""
        wanted = delivery.still_wanted(message_id, owner=self.owner, now=utc_now())
        db.session.rollback()
        return wanted

    def _settle(self, message_id: int, result: Result) -> None:
        """Write down the outcome, also when the database is away for a moment.

        What cannot be written stays `sending`; the sweep turns it into `unknown`.
        """
        for _ in range(SETTLES_FOR):
            try:
                with transaction():
                    settlement.settle(
                        message_id,
                        result,
                        owner=self.owner,
                        provider=self.carrier.name,
                        now=utc_now(),
                    )
                return
            except Exception as error:
                if not isinstance(error, BusyError) and not is_away(error):
                    raise
                log.warning("outcome waits for the database", message=message_id)
                self.stopping.wait(AWAY)
        log.error("outcome not written", message=message_id)

    def _wait_until(self, moment: datetime) -> None:
        seconds = (moment - datetime.now(UTC)).total_seconds()
        if seconds > 0:
            self.stopping.wait(seconds)
