"""The web server: gunicorn with threads, and the embedded worker beside it."""

import os
import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from webapp.app import create_app
from webapp.config import Settings
from webapp.jobs.worker import Worker

THREADS = 16
SWITCH = 0.0005  # seconds


class Server(BaseApplication):
    """One process that serves the pages and, unless told otherwise, works behind them."""

    def __init__(self, settings: Settings, *, host: str, port: int) -> None:
        self.settings, self.bind = settings, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.worker: Worker | None = None
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's options. One process: SQLite has one writer, and threads share the pool."""
        options: dict[str, Any] = {
            "bind": self.bind,
            "workers": 1,
            "threads": THREADS,
            "worker_class": "gthread",
            "keepalive": 5,
            "timeout": 60,
            "graceful_timeout": 25,
            "loglevel": "warning",
            "limit_request_line": 8190,
            "post_worker_init": self._begin,
            "worker_exit": self._stop_worker,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made in the serving process."""
        # A statement of SQLite lets other threads run; at the usual 5 ms the one in the middle
        # of a transaction, for which the others wait, would wait that long to go on.
        sys.setswitchinterval(SWITCH)
        self.app = create_app(self.settings)
        return self.app

    def _begin(self, _process: Any) -> None:
        """In the serving process, before its first request."""
        if self.settings.embedded_worker:
            self.worker = Worker(self.app)
            self.worker.start()
        keep_to_one_core()  # Not the worker, whose threads are there by now.

    def _stop_worker(self, _server: Any, _process: Any) -> None:
        if self.worker is not None:
            self.worker.stop()


def keep_to_one_core() -> None:
    """Let the threads that this thread starts from now on share one processor core.

    Python runs one of them at a time. Where each wakes up on whatever core is idle, what they
    share moves from core to core: the same texts cost a third more processor time. Which core
    is left to chance, so that several installations on one machine seldom choose the same.
    """
    if sys.platform == "linux":
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
