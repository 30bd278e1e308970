"""The database is lost and a backup restored: who was texted since is not texted again."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import factories, servers
from tests.carrier import Separate
from tests.installation import Installation
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionKind, ActionTally
from webapp.services import actions


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Another machine, with nothing on it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    url, name = f"sqlite:///{folder / 'heed.db'}", ""
    if not settings.sqlite:
        name = f"heed_since_{os.getpid()}"
        url = servers.create_database(name).replace("postgresql:", "postgresql+psycopg:", 1)
    queue = f"sqlite:///{folder / 'queue.db'}"
    yield replace(settings, instance=folder, database_url=url, queue_url=queue)
    if name:
        servers.drop_database(name)


def facts(heed: Installation, *words: str) -> Any:
    return json.loads(heed.run(*words, "--json"))


def in_the_air(action: Action) -> int:
    db.session.rollback()
    kept = db.session.get_one(ActionTally, action.id, populate_existing=True)
    return kept.claimed + kept.sending


def soon(holds: Callable[[], bool], *, seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.2)


def stop(worker: subprocess.Popen[bytes]) -> None:
    worker.send_signal(signal.SIGTERM)
    worker.wait(30)


def texts_some(heed: Installation, carrier: Separate, action: Action, amount: int) -> list[str]:
    """A worker sends until so many more have arrived, and nothing is in the air; who got one."""
    before = len(carrier.arrivals())
    worker = heed.worker()
    carrier.wait(before + amount, seconds=60)
    with transaction():
        actions.pause(action, by=None, now=utc_now())
    soon(lambda: in_the_air(action) == 0)
    stop(worker)
    return [text.to for text in carrier.arrivals()][before:]


def test_the_disk_is_lost_and_nobody_is_texted_a_first_time_again(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    number = factories.number()
    people = [factories.contact() for _ in range(60)]
    action = factories.action(*people, kind=ActionKind.BROADCAST)
    here = factories.the_campaign().slug, str(action.id)
    file = str(tmp_path / "monday.heed")
    with Separate() as carrier:
        with Installation(settings, carrier, rate=10) as heed:
            before = texts_some(heed, carrier, action, 8)
            heed.run("backup", file)
            with transaction():
                actions.resume(action, by=None, now=utc_now())
            since = texts_some(heed, carrier, action, 20)
        left = [one.phone for one in people if one.phone not in {*before, *since}]
        assert len(since) >= 20 and len(left) >= 5
        carrier.received(since[0], number.phone, "Yes, I have a plan")
        carrier.received(since[1], number.phone, "STOP")
        carrier.received(left[0], number.phone, "STOP")

        with Installation(elsewhere, carrier, rate=50) as heed:
            said = heed.run("restore", file)
            assert "nobody on Twilio's list gets a first text again" in " ".join(said.split())
            worker = heed.worker()
            heed.run("actions", "resume", *here, "--reason", "Looked at everybody")
            carrier.wait(len(people) - 1, seconds=60)
            soon(lambda: facts(heed, "actions", "show", *here)["texts"]["sending"] == 0)
            stop(worker)
            times = Counter(text.to for text in carrier.arrivals())
            assert times == Counter([*before, *since, *left[1:]])
            done = facts(heed, "actions", "show", *here)
            assert (done["sent"], done["ready"]) == (len(people) - 1, 0)
            assert done["suppressed"]["opted_out"] == 1
            assert (done["replies"], done["opt_outs"]) == (1, 1)
            assert facts(heed, "audit")["ok"]
