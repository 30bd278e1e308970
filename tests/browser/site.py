"""Heed as it is installed: its own process with the worker in it, SQLite, the simulator."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
from flask import Flask

from tests import factories
from tests.client import Browser
from webapp import config
from webapp.app import create_app
from webapp.config import ROOT
from webapp.db import db
from webapp.models import User

BROKEN = re.compile(r"status=5\d\d|level=(?:error|critical)|Traceback")


class Site:
    """A Heed that serves; `app` is a second one on its database, for tests to make things with."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log, self._read = folder / "server.log", 0
        self._environment = {
            "HEED_INSTANCE": str(folder),
            "HEED_PUBLIC_URL": self.url,
            "HEED_SENDING_RATE": "100",
        }
        self.settings = config.load(self._environment)
        self._serve()
        self.app: Flask = create_app(self.settings)
        self.app.test_client_class = Browser

    def _serve(self) -> None:
        outside = {name: value for name, value in os.environ.items() if "HEED_" not in name}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "webapp.cli.main", "serve", "--port", str(self.port)],
                env={**outside, "PYTHONPATH": str(ROOT), **self._environment},
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx2.get(f"{self.url}/healthz", trust_env=False)
                return
            except httpx2.TransportError:
                assert self._process.poll() is None, self.log.read_text()
                time.sleep(0.05)
        raise AssertionError("The server did not answer within 30 seconds.")

    @property
    def process_id(self) -> int:
        """The process that was started; another one, its child, answers."""
        return self._process.pid

    def cookie_of(self, person: User) -> dict[str, str]:
        """The cookie of somebody who has signed in, as Playwright takes it."""
        client = self.app.test_client()
        assert isinstance(client, Browser)
        client.sign_in_as(factories.session_token(person))
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = client.get_cookie(name)
        assert cookie is not None
        return {"name": name, "value": cookie.value, "url": self.url}

    def faults(self) -> list[str]:
        """What the server's log tells of something broken since this was last asked."""
        with self.log.open() as log:
            log.seek(self._read)
            lines = log.read().splitlines()
            self._read = log.tell()
        return [line for line in lines if BROKEN.search(line)]

    def begin_again(self) -> None:
        """Stop the server gently and start it anew."""
        self._stop()
        self._serve()

    def close(self) -> None:
        """Stop the server gently."""
        self._stop()
        with self.app.app_context():
            db.engine.dispose()

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
