"""The demo's people: while it runs, texts of broadcasts arrive and some people answer them."""

import threading

from flask import Flask

from webapp.db import transaction, utc_now
from webapp.services import demo_crowd
from webapp.web.logs import log

EVERY = 2.0  # seconds


class Crowd(threading.Thread):
    """Plays everybody at the other end of the practice broadcasts; in `./heed demo` alone."""

    def __init__(self, app: Flask, stopping: threading.Event) -> None:
        super().__init__(name="crowd", daemon=True)
        self.app, self.stopping = app, stopping

    def run(self) -> None:
        """Until told to stop; what goes wrong is logged and tried again."""
        while not self.stopping.wait(EVERY):
            try:
                with self.app.app_context(), transaction():
                    demo_crowd.live_on(now=utc_now())
            except Exception as error:
                log.exception("the demo's people are silent", kind=type(error).__name__)
