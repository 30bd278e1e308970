"""Heed as it runs for real: its own processes on loopback, with a stand-in carrier."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx2

from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY, Separate, Telnyx, Twilio
from webapp.config import ROOT, Settings


class Installation:
    """Processes of Heed over the database of the tests; stopped one by one, by their id."""

    def __init__(
        self,
        settings: Settings,
        carrier: Separate,
        *,
        rate: float = 100.0,
        provider: str = "twilio",
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.phones: Any = {"twilio": Twilio, "telnyx": Telnyx}[provider](self.url)
        self._running: list[subprocess.Popen[bytes]] = []
        settings.instance.mkdir(parents=True, exist_ok=True)
        self._log = (settings.instance / "processes.log").open("ab")
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HEED_INSTANCE": str(settings.instance),
            "HEED_DATABASE_URL": settings.database_url,
            "HEED_QUEUE_URL": settings.queue_url,
            "HEED_SECRET_KEY": settings.secret_key,
            "HEED_PUBLIC_URL": self.url,
            "HEED_SMS_PROVIDER": provider,
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "HEED_TWILIO_API_BASE": carrier.url,
            "TELNYX_API_KEY": API_KEY,
            "TELNYX_PUBLIC_KEY": PUBLIC_KEY,
            "HEED_TELNYX_API_BASE": carrier.url,
            "HEED_SENDING_RATE": str(rate),
            "HEED_EMBEDDED_WORKER": "off",
        }

    def heed(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command of Heed as a process of its own."""
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli.main", *command],
            env=self._environment,
            cwd=ROOT,
            stdout=self._log,
            stderr=self._log,
        )
        self._running.append(process)
        return process

    def run(self, *command: str, stdin: str = "") -> str:
        """Run a command to its end and give what it wrote; it has to succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "webapp.cli.main", *command],
            env=self._environment,
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}{done.stdout}"
        return done.stdout

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the web server and wait until it answers."""
        process = self.heed("serve", "--port", str(self.port))
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx2.get(f"{self.url}/healthz", trust_env=False)
                return process
            except httpx2.TransportError:
                assert process.poll() is None, "The server ended before it answered."
                time.sleep(0.05)
        raise AssertionError("The server did not answer within 30 seconds.")

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self.heed("worker")

    def close(self) -> None:
        """Stop everything that still runs, gently, then for good."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.phones.close()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def installed(
    settings: Settings, *, rate: float = 100.0, provider: str = "twilio"
) -> Iterator[tuple[Installation, Separate]]:
    """An installation with its carrier; both end with the block."""
    with (
        Separate() as carrier,
        Installation(settings, carrier, rate=rate, provider=provider) as installation,
    ):
        yield installation, carrier
