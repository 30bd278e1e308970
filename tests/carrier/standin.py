"""The stand-in carrier in a thread of this process, or in a process of its own."""

import asyncio
import base64
import json
import subprocess
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from tests.carrier.gallery import Visit
from tests.carrier.http import Part
from tests.carrier.ledger import Arrival
from tests.carrier.plan import Director, Rule
from tests.carrier.service import ACCOUNT_SID, AUTH_TOKEN, Service

ROOT = Path(__file__).resolve().parents[2]


class StandIn(Director):
    """In a thread of this process: quick to start, but it shares the interpreter.

    A context manager; `url` is what HEED_TWILIO_API_BASE and HEED_TELNYX_API_BASE take.
    """

    def __init__(self, account_sid: str = ACCOUNT_SID, auth_token: str = AUTH_TOKEN) -> None:
        """Starts listening at once, on a free port."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stand-in carrier")
        self._thread.daemon = True
        self._thread.start()
        self._service = Service(account_sid, auth_token)
        self._run(self._service.listen())
        self.url = f"http://127.0.0.1:{self._service.port}"

    def rule(self, rule: Rule) -> None:
        """Put a rule in force."""
        self._service.plan.add(rule)

    def arrivals(self, to: str | None = None, *, after: int = 0) -> list[Arrival]:
        """The texts that came, taken or not."""
        return self._service.ledger.arrivals(to, after=after)

    def wait(self, count: int, to: str | None = None, *, seconds: float = 10.0) -> list[Arrival]:
        """The texts that came, as soon as there are `count` of them or the time is up."""
        return self._service.ledger.wait(count, to, seconds=seconds)

    def received(self, sender: str, to: str, body: str, **more: Any) -> str:
        """List a message that Heed missed; returns its sid."""
        return self._service.received(sender, to, body, **more)

    def left(self, sender: str, to: str, body: str, **more: Any) -> str:
        """List a message that left from the account some other way; returns its sid."""
        return self._service.left(sender, to, body, **more)

    def picture(self, content: bytes, content_type: str = "image/png", **more: Any) -> str:
        """Keep a picture; returns its sid."""
        return self._service.gallery.hang(content, content_type, **more)

    def visits(self) -> list[Visit]:
        """Who asked for pictures."""
        return self._service.gallery.visits()

    def drip(self, part: Part) -> None:
        """Answer everybody byte by byte, from the head or the body on, until a reset."""
        self._service.drips = part

    def refuse(self) -> None:
        """Close the port and all connections, until `listen`."""
        self._run(self._service.refuse())

    def listen(self) -> None:
        """Take connections again, on the same port."""
        self._run(self._service.listen())

    def reset(self) -> None:
        """Forget rules, arrivals and messages."""
        self._loop.call_soon_threadsafe(self._service.reset)
        self._run(asyncio.sleep(0))

    def close(self) -> None:
        """Stop and free the port; nothing happens the second time."""
        if self._loop.is_closed():
            return
        self._run(self._service.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    def __enter__(self) -> Self:
        """The stand-in itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()


class Remote(Director):
    """A stand-in in another process, told what to do over HTTP."""

    def __init__(self, url: str) -> None:
        """`url` is where it listens."""
        self.url = url
        self._http = httpx2.Client(base_url=url, timeout=60, trust_env=False)

    def rule(self, rule: Rule) -> None:
        """Put a rule in force."""
        self._post("rules", rule.as_json())

    def arrivals(self, to: str | None = None, *, after: int = 0) -> list[Arrival]:
        """The texts that came, taken or not."""
        return self._arrivals({"to": to, "after": after})

    def wait(self, count: int, to: str | None = None, *, seconds: float = 10.0) -> list[Arrival]:
        """The texts that came, as soon as there are `count` of them or the time is up."""
        return self._arrivals({"to": to, "count": count, "seconds": seconds})

    def received(self, sender: str, to: str, body: str, **more: Any) -> str:
        """List a message that Heed missed; returns its sid."""
        answer = self._post("received", {"sender": sender, "to": to, "body": body, **more})
        return str(answer["sid"])

    def left(self, sender: str, to: str, body: str, **more: Any) -> str:
        """List a message that left from the account some other way; returns its sid."""
        answer = self._post("left", {"sender": sender, "to": to, "body": body, **more})
        return str(answer["sid"])

    def picture(self, content: bytes, content_type: str = "image/png", **more: Any) -> str:
        """Keep a picture; returns its sid."""
        encoded = base64.b64encode(content).decode("ascii")
        given = {"content": encoded, "content_type": content_type, **more}
        return str(self._post("picture", given)["sid"])

    def drip(self, part: Part) -> None:
        """Answer everybody byte by byte, from the head or the body on, until a reset."""
        self._post("drip", {"part": part})

    def refuse(self, seconds: float) -> None:
        """Close the port for some seconds."""
        self._post("refuse", {"seconds": seconds})

    def reset(self) -> None:
        """Forget rules, arrivals and messages."""
        self._post("reset", {})

    def close(self) -> None:
        """Close our connections; the other process goes on."""
        self._http.close()

    def _arrivals(self, query: dict[str, Any]) -> list[Arrival]:
        given = {name: value for name, value in query.items() if value is not None}
        answer = self._http.get("/control/arrivals", params=given).raise_for_status()
        return [Arrival(**one) for one in answer.json()]

    def _post(self, what: str, fields: dict[str, Any]) -> dict[str, Any]:
        answer = self._http.post(f"/control/{what}", json=fields).raise_for_status()
        return dict(answer.json())


class Separate(Remote):
    """A stand-in started in a process of its own; ends with this process or with `close`."""

    def __init__(self, port: int = 0, *, max_life: float = 3600.0) -> None:
        """Returns when it listens; `max_life` in seconds."""
        command = [sys.executable, "-m", "tests.carrier", f"--port={port}"]
        self._process = subprocess.Popen(
            [*command, f"--max-life={max_life}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        super().__init__(json.loads(self._process.stdout.readline())["url"])
        self.pid = self._process.pid

    def close(self) -> None:
        """End the process."""
        super().close()
        self._process.terminate()
        self._process.wait(timeout=10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        """The stand-in itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()
