"""A worker: senders, housekeeper, mailer and the queue's consumer, as threads of one process."""

import os
import socket
import threading
import time

from flask import Flask
from huey.api import Huey
from huey.consumer import Consumer
from sqlalchemy import delete

from webapp.config import Settings
from webapp.db import db, put, transaction, utc_now
from webapp.jobs import carrier_of
from webapp.jobs.catch_up import CatchUp
from webapp.jobs.crowd import Crowd
from webapp.jobs.mailer import Mailer
from webapp.jobs.sender import Sender
from webapp.models import Action, Heartbeat
from webapp.services import alarms, delivery
from webapp.web.logs import log

SENDERS = 4
SWEEPS_EVERY = 2.0  # seconds
# A clean stop lets a call in the air end: longer than a carrier takes, shorter than the 30 s
# that service managers grant.
STOPS_WITHIN = 25.0


class _QuietConsumer(Consumer):
    """Huey's consumer as threads of ours: signals are the business of the process."""

    def _set_signal_handlers(self) -> None:
        """Leave the handlers of gunicorn or of the command alone."""


class Worker:
    """Everything that works behind the pages; start() once, stop() once."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.name = f"{socket.gethostname()[:30]}-{os.getpid()}"
        self.stopping = threading.Event()
        queue: Huey = app.extensions["queue"]
        self.consumer = _QuietConsumer(
            queue, workers=1, periodic=True, worker_type="thread", max_delay=2.0, backoff=1.5
        )
        carrier = carrier_of(app)
        catch_up = CatchUp(app, carrier, self.stopping)
        self.threads: list[threading.Thread] = [
            Sender(app, carrier, self.stopping, catch_up.may_send) for _ in range(SENDERS)
        ]
        self.threads.append(catch_up)
        settings: Settings = app.extensions["settings"]
        if settings.mail_server is not None:
            self.threads.append(Mailer(app, self.stopping))
        self.threads.append(
            threading.Thread(target=self._keep_house, name="housekeeper", daemon=True)
        )
        if settings.demo:
            self.threads.append(Crowd(app, self.stopping))

    def start(self) -> None:
        """Start all threads and come back."""
        self.consumer.start()
        for thread in self.threads:
            thread.start()
        log.info("worker started", worker=self.name)

    def stop(self) -> None:
        """Let calls in the air end, then stop; leases that are left lapse by themselves."""
        self.stopping.set()
        self.consumer.stop()
        deadline = time.monotonic() + STOPS_WITHIN
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self.app.app_context():
            self._sign_off()
        log.info("worker stopped", worker=self.name)

    def _keep_house(self) -> None:
        while not self.stopping.is_set():
            for duty in (self._sweep, ring_overdue):
                try:
                    with self.app.app_context():
                        duty()
                except Exception as error:
                    log.exception("sweep failed", kind=type(error).__name__)
            self.stopping.wait(SWEEPS_EVERY)

    def _sweep(self) -> None:
        with transaction():
            delivery.sweep(now=utc_now())
            self._show_life()

    def _show_life(self) -> None:
        put(Heartbeat, {"worker": self.name}, {"at": utc_now()})

    def _sign_off(self) -> None:
        with transaction():
            db.session.execute(delete(Heartbeat).where(Heartbeat.worker == self.name))


def ring_overdue() -> None:
    """Ring the alarms that no claim rings any more, each in a transaction of its own."""
    overdue = alarms.overdue()
    db.session.rollback()
    for action_id in overdue:
        with transaction():
            action = db.session.get_one(Action, action_id, populate_existing=True)
            alarms.ring(action, now=utc_now())
