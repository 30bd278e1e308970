"""Webhooks at 20 texts a second beside an import, a launch and a broadcast, against quiet."""

import asyncio
import csv
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL

from sqlalchemy import text, update

from tests.bench import core, filling, webhook
from tests.carrier.standin import Separate
from webapp.config import ROOT
from webapp.db import db, transaction, utc_now
from webapp.models import Contact, ContactList, Number, NumberKind

A_SECOND = 20
QUIET = 15.0  # seconds
BUSY_AT_MOST = 120.0
SUBSCRIBERS = 10_000
BROADCAST_NUMBER, BROADCAST_RATE = "+13125550101", 75.0
SCRIPT = "Hi {first_name}, vote on Tuesday. Reply STOP to opt out."


def measure(database: str, rows: int) -> core.Result:
    """`rows` contacts in the campaign, as many in the file, and as many in the launch.

    The 99th percentile of the answers, in ms: of a quiet server, and of a busy one. The goal of
    the busy one is 200 ms, whatever the ratio; nothing here may answer anything but 200.
    """
    with core.ground(database) as ground, Separate() as carrier:
        webhook.fill(rows)
        _subscribe(min(SUBSCRIBERS, rows))
        ground.analyze()
        file = ground.settings.instance / "new.csv"
        _write(file, rows)
        with webhook.Server(ground) as server:
            here = webhook.environment(ground, server.url, HEED_TWILIO_API_BASE=carrier.url)
            answers = _Answers(server)
            quiet = answers.taken(lambda seconds: seconds < QUIET)
            with _at_work(here, file) as is_at_work:
                busy = answers.taken(
                    lambda seconds: seconds < QUIET or (is_at_work() and seconds < BUSY_AT_MOST)
                )
            sent = len(carrier.arrivals())
    return core.Result(
        job="busy",
        database=database,
        rows=rows,
        yardstick=_percentile(quiet, 99),
        product=_percentile(busy, 99),
        unit="ms",
        more={
            "texts": len(busy),
            "p50_ms": _percentile(busy, 50),
            "longest_ms": round(max(busy), 1),
            "texts_sent_meanwhile": sent,
        },
    )


class _Answers:
    """Texts that come at a steady pace, each from somebody else."""

    def __init__(self, server: webhook.Server) -> None:
        self._server = server
        self._next = 1

    def taken(self, goes_on: Callable[[float], bool]) -> list[float]:
        """How long each answer took, in ms, from the moment when the text was due."""
        return asyncio.run(self._stream(goes_on))

    async def _stream(self, goes_on: Callable[[float], bool]) -> list[float]:
        began = time.perf_counter()
        taken: list[float] = []
        calls: list[asyncio.Task[None]] = []
        while goes_on(time.perf_counter() - began):
            due = began + len(calls) / A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            calls.append(asyncio.create_task(self._call(self._next, due, taken)))
            self._next += 1
        await asyncio.gather(*calls)
        return taken

    async def _call(self, n: int, due: float, taken: list[float]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        writer.write(self._server.request(filling.phone(n), n))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        taken.append((time.perf_counter() - due) * 1000)
        writer.close()


def _subscribe(people: int) -> None:
    """Some contacts get a list and a number of their own, for the broadcast."""
    now = utc_now()
    with transaction():
        db.session.execute(
            update(Contact)
            .where(Contact.id <= people)
            .values(subscribed="Bench", subscribed_at=now)
        )
        subscribers = ContactList(campaign_id=1, name="Subscribers", size=people, is_ready=True)
        number = Number(
            campaign_id=1,
            phone=BROADCAST_NUMBER,
            kind=NumberKind.BROADCAST,
            rate=BROADCAST_RATE,
            next_free_at=now,
        )
        db.session.add_all([subscribers, number])
        db.session.flush()
        db.session.execute(
            text(
                "INSERT INTO list_member (list_id, contact_id) "
                "SELECT :l, id FROM contact WHERE id <= :n"
            ),
            {"l": subscribers.id, "n": people},
        )


def _write(file: Path, rows: int) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(("phone", "first_name", "last_name"))
        for n in range(2 * rows, 3 * rows):
            writer.writerow((filling.phone(n), f"Dana {n}", "Whitfield"))


@contextmanager
def _at_work(environment: dict[str, str], file: Path) -> Iterator[Callable[[], bool]]:
    """A worker that sends a broadcast, beside an import and a launch; says whether both go on."""

    heed = (sys.executable, "-m", "webapp.cli.main")

    def start(*words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen((*heed, *words), cwd=ROOT, env=environment, stdout=DEVNULL)

    def done(*words: str) -> str:
        said = subprocess.check_output((*heed, *words), cwd=ROOT, env=environment, text=True)
        return said.strip()

    drafts = {
        kind: done(
            "actions",
            "create",
            "bench",
            "--kind",
            kind,
            "--name",
            kind,
            "--list",
            people,
            "--script",
            SCRIPT,
        )
        for kind, people in (("broadcast", "Subscribers"), ("p2p", "Everyone"))
    }
    done("actions", "launch", "bench", drafts["broadcast"].split()[-1], "--yes")
    worker = start("worker")
    work = [
        start("contacts", "import", "bench", str(file), "--list", "New"),
        start("actions", "launch", "bench", drafts["p2p"].split()[-1], "--yes"),
    ]
    try:
        yield lambda: any(each.poll() is None for each in work)
    finally:
        for process in (worker, *work):
            if process.poll() is None:
                process.terminate()
            process.wait(40)


def _percentile(taken: list[float], per_cent: int) -> float:
    return round(sorted(taken)[len(taken) * per_cent // 100], 1)
