"""The inbound webhook over HTTP at 16 connections, against a handler that commits one INSERT."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, insert, select
from twilio.request_validator import RequestValidator

from tests.bench import core, filling
from tests.carrier import ACCOUNT_SID, AUTH_TOKEN
from webapp.config import ROOT
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    ContactTag,
    Conversation,
    Direction,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    Tag,
    Texting,
    User,
    WebhookReceipt,
)

GOAL = 2.0
CONNECTIONS = 16
REQUESTS = 2_000
# Of ten texts one is a STOP of somebody with a queued text, one reads like a request to stop.
BODIES = ("STOP", "please take me off your list", *("Yes, I will vote on Tuesday",) * 8)


def measure(database: str, rows: int) -> core.Result:
    """`rows` contacts with one conversation each; every request is another one's text."""
    with core.ground(database) as ground:
        fill(rows)
        ground.analyze()
        batches = min(core.ROUNDS, max(1, rows // REQUESTS))
        with Server(ground, "tests.bench.yardstick_app") as bare, Server(ground) as heed:
            phones = iter(range(1, rows + 1))
            latencies: list[float] = []

            def texts(server: "Server") -> list[bytes]:
                return [server.request(filling.phone(n), n) for n in islice(phones, REQUESTS)]

            def product() -> float:
                return _drive(heed, texts(heed), latencies)

            spare = [bare.request(filling.phone(1), n) for n in range(1, REQUESTS + 1)]
            yardstick, taken = core.rounds(lambda: _drive(bare, spare, []), product, count=batches)
        with transaction():
            received = db.session.scalar(
                select(func.count()).select_from(WebhookReceipt).where(WebhookReceipt.messages > 0)
            )
    latencies.sort()
    return core.Result(
        job="webhook",
        database=database,
        rows=rows,
        yardstick=yardstick,
        product=taken,
        goal=GOAL,
        more={
            "a_second": round(REQUESTS / taken),
            "yardstick_a_second": round(REQUESTS / yardstick),
            "p50_ms": round(latencies[len(latencies) // 2] * 1000, 1),
            "p99_ms": round(latencies[len(latencies) * 99 // 100] * 1000, 1),
            "received": received,
        },
    )


def environment(ground: core.Ground, public_url: str, **more: str) -> dict[str, str]:
    """What a process of this installation is started with."""
    settings = ground.settings
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HEED_INSTANCE": str(settings.instance),
        "HEED_DATABASE_URL": settings.database_url,
        "HEED_SECRET_KEY": settings.secret_key,
        "HEED_PUBLIC_URL": public_url,
        "HEED_SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "HEED_EMBEDDED_WORKER": "off",
        **more,
    }


class Server:
    """A gunicorn of 16 threads: Heed as it is served, or the yardstick in its place."""

    def __init__(self, ground: core.Ground, module: str = "") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.signs = RequestValidator(AUTH_TOKEN)
        command = (
            [sys.executable, "-m", module, str(self.port)]
            if module
            else [sys.executable, "-m", "webapp.cli.main", "serve", "--port", str(self.port)]
        )
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(ground, self.url),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def request(self, sender: str, n: int) -> bytes:
        """A signed text, ready for the wire."""
        url = f"{self.url}/webhooks/twilio/inbound"
        fields = {
            "MessageSid": f"SM{self.port:05}{n:027}",
            "From": sender,
            "To": filling.OUR_NUMBER,
            "Body": BODIES[n % len(BODIES)],
            "NumMedia": "0",
        }
        body = urlencode(fields).encode()
        head = (
            f"POST {urlsplit(url).path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {self.signs.compute_signature(url, fields)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def __enter__(self) -> "Server":
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("The server did not start.")

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def _drive(server: Server, requests: Sequence[bytes], latencies: list[float]) -> float:
    """Send all requests over 16 connections; every answer has to be a 200."""
    waiting = list(reversed(requests))

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while waiting:
            began = time.perf_counter()
            writer.write(waiting.pop())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode(errors="replace"))
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            )
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - began)
        writer.close()

    async def all_connections() -> None:
        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))

    with core.clock() as seconds:
        asyncio.run(all_connections())
    return seconds()


def fill(rows: int) -> None:
    """Each contact was texted once; those who will text STOP have a second text waiting.

    One more for every ten has opted out before.
    """
    now = utc_now()
    campaign = filling.campaign(now)
    filling.contacts(campaign, rows + rows // 10, now)
    with transaction():
        texter = User(email="texter@example.org", name="Jordan Lee")
        action = Action(
            campaign_id=1, kind=ActionKind.P2P, name="Bench", state=ActionState.LIVE, number_id=1
        )
        db.session.add_all([texter, action])
        db.session.flush()
        db.session.add(ActionTally(action_id=action.id, total=rows, sent=rows))
    for start in range(1, rows + 1, filling.AT_ONCE):
        some = range(start, min(start + filling.AT_ONCE, rows + 1))
        with transaction():
            connection = db.session.connection()
            connection.execute(
                insert(Conversation),
                [
                    {
                        "id": n,
                        "campaign_id": 1,
                        "contact_id": n,
                        "action_id": 1,
                        "number_id": 1,
                        "texting": Texting.P2P,
                        "assignee_id": 1,
                        "last_message_at": now,
                    }
                    for n in some
                ],
            )
            connection.execute(insert(Message), [_text(n, now, sent=True) for n in some])
            waiting = [_text(n, now, sent=False) for n in some if n % len(BODIES) == 0]
            if waiting:
                connection.execute(insert(Message), waiting)
            connection.execute(insert(WebhookReceipt), [_receipt(n, now) for n in some])
    _opt_out_earlier(range(rows + 1, rows + rows // 10 + 1), now)


def _receipt(n: int, now: datetime) -> dict[str, object]:
    """What came in earlier. PostgreSQL plans the checks of foreign keys once for a connection:
    on an empty table it would read all of it for each new message, until autovacuum notices."""
    return {
        "provider": "twilio",
        "provider_id": f"SM-earlier-{n}",
        "sender": filling.phone(n),
        "to": filling.OUR_NUMBER,
        "content": {"body": "Who is this?", "media": [], "opt_out_type": None},
        "received_at": now,
        "messages": 0,
    }


def _opt_out_earlier(people: range, now: datetime) -> None:
    same = {"campaign_id": 1, "since": now, "source": OptOutSource.IMPORT, "note": ""}
    with transaction():
        tag_id = db.session.scalar(select(Tag.id).where(Tag.opts_out_of == Texting.P2P))
        carried = [{"tag_id": tag_id, "contact_id": person, **same} for person in people]
        db.session.connection().execute(insert(ContactTag), carried)


def _text(n: int, now: object, *, sent: bool) -> dict[str, object]:
    return {
        "campaign_id": 1,
        "contact_id": n,
        "conversation_id": n,
        "action_id": 1,
        "number_id": 1,
        "texting": Texting.P2P,
        "direction": Direction.OUT,
        "kind": MessageKind.FIRST if sent else MessageKind.REPLY,
        "state": MessageState.SENT if sent else MessageState.QUEUED,
        "body": "Hi, vote on Tuesday. Reply STOP to opt out.",
        "created_at": now,
        "not_before": now,
    }
