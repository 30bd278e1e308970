"""Webhooks that arrive at the same moment: one commit for all that wait, an outcome for each."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select, update
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.services.scenes import send_all
from webapp import db as database
from webapp.blueprints.webhooks import arrivals
from webapp.carriers.base import Inbound
from webapp.config import Settings
from webapp.db import db, transaction
from webapp.errors import BusyError
from webapp.models import Action, ActionTally, Message, MessageKind, Texting
from webapp.services import optouts, turns

WAITING = 7


class Carrier:
    """A carrier that delivers texts in threads of their own, in order."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.number = factories.number().phone
        people = [factories.contact() for _ in range(WAITING + 1)]
        self.ids = [person.id for person in people]
        self.phones = [person.phone for person in people]
        self.action = factories.action(*people)
        texter = factories.texter()
        for person in people:
            factories.first_text(self.action, person, texter)
        send_all()
        self.action_id = self.action.id
        self._pool = ThreadPoolExecutor(WAITING + 1)

    def delivers(self, place: int, body: str = "Yes", sid: str | None = "") -> Future[None]:
        """Somebody's text; the result is there when it was answered."""
        sid = f"SM-{place}-{body}" if sid == "" else sid
        text = Inbound("twilio", sid, self.phones[place], self.number, body)  # type: ignore[arg-type]

        def deliver() -> None:
            with self.app.app_context():
                arrivals.take_in(text)

        return self._pool.submit(deliver)

    def starts_with(self, place: int, body: str = "Yes") -> Future[None]:
        """The first text while all are held up; it leads the others.

        On PostgreSQL it is taken already, and those who come meanwhile go together after it. On
        SQLite it waits for its turn to write, and they go with it.
        """
        answer = self.delivers(place, body)
        until(lambda: "arrivals" in self.app.extensions)
        until(lambda: self._leads() and self.waiting() == 1 - self.taken)
        return answer

    @property
    def taken(self) -> int:
        """How many texts are taken already while all are held up."""
        return 0 if db.engine.dialect.name == "sqlite" else 1

    def _leads(self) -> bool:
        return bool(self.app.extensions["arrivals"]._is_led)

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Whoever takes in a text has to wait meanwhile."""
        with transaction():
            db.session.execute(
                update(ActionTally).where(ActionTally.action_id == self.action_id).values(ready=0)
            )
            yield

    def waiting(self) -> int:
        """How many texts wait for those that are being taken in."""
        return len(self.app.extensions["arrivals"]._waiting)


@pytest.fixture
def carrier(app: Flask) -> Carrier:
    return Carrier(app)


def until(come: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not come():
        assert time.monotonic() < end
        time.sleep(0.005)


def heard() -> list[str]:
    db.session.rollback()
    query = select(Message.body).where(Message.kind == MessageKind.INBOUND)
    return sorted(db.session.scalars(query))


@contextmanager
def commits_counted() -> Iterator[list[int]]:
    counted: list[int] = []

    def note(_connection: Connection) -> None:
        counted.append(1)

    event.listen(db.engine, "commit", note)
    try:
        yield counted
    finally:
        event.remove(db.engine, "commit", note)


def come_together(carrier: Carrier, *, amount: int = WAITING + 1, body: str = "Yes") -> None:
    """So many texts that were taken in together."""
    with carrier.held_up():
        answers = [carrier.starts_with(0, body)]
        answers += [carrier.delivers(place, body) for place in range(1, amount)]
        until(lambda: carrier.waiting() == amount - carrier.taken)
        assert not any(answer.done() for answer in answers)
    for answer in answers:
        answer.result(10)


def test_texts_that_wait_for_each_other_share_one_commit(carrier: Carrier) -> None:
    with commits_counted() as commits:
        come_together(carrier)
    ours = 1
    assert len(commits) - ours == 1 + carrier.taken, "Of those that waited, and of the first one."
    assert heard() == ["Yes"] * (WAITING + 1)


def test_after_a_crowd_the_next_ones_are_waited_for_so_that_they_share_a_commit(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "SOON", 2.0)
    come_together(carrier)
    as_many = WAITING + 1 - carrier.taken  # as were taken in together just now
    with commits_counted() as commits:
        answers = [carrier.delivers(0, "And")]
        time.sleep(0.1)
        answers += [carrier.delivers(place, "And") for place in range(1, as_many)]
        for answer in answers:
            answer.result(5)
    assert len(commits) == 1
    assert heard() == ["And"] * as_many + ["Yes"] * (WAITING + 1)


def test_a_text_that_comes_alone_after_a_crowd_waits_for_nobody_for_long(carrier: Carrier) -> None:
    come_together(carrier)
    carrier.delivers(0, "And").result(2)
    assert heard() == ["And"] + ["Yes"] * (WAITING + 1)


def test_a_few_texts_are_no_crowd_and_wait_for_nobody(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "SOON", 60.0)
    come_together(carrier, amount=arrivals.CROWD - 1)
    carrier.delivers(0, "And").result(5)
    assert heard() == ["And"] + ["Yes"] * (arrivals.CROWD - 1)


def test_a_text_that_cannot_be_kept_takes_no_other_with_it(carrier: Carrier) -> None:
    with carrier.held_up():
        first = carrier.starts_with(0)
        spoilt = carrier.delivers(1, sid=None)
        others = [carrier.delivers(2, "STOP"), carrier.delivers(3)]
        until(lambda: carrier.waiting() == 4 - carrier.taken)
    for answer in (first, *others):
        answer.result(10)
    with pytest.raises(IntegrityError):
        spoilt.result(10)
    assert heard() == ["STOP", "Yes", "Yes"]
    assert optouts.is_opted_out(
        carrier.ids[2], db.session.get_one(Action, carrier.action_id).campaign_id, Texting.P2P
    )


def test_somebody_whose_turn_is_anothers_holds_up_nobody_else(
    carrier: Carrier, settings: Settings
) -> None:
    if settings.sqlite:
        pytest.skip("On SQLite there is one writer at a time.")
    with transaction():
        turns.take(carrier.ids[0])
        late = carrier.delivers(0)
        carrier.delivers(1).result(10)
        assert not late.done()
        with pytest.raises(TimeoutError):
            late.result(0.3)
    late.result(10)
    assert heard() == ["Yes", "Yes"]


def test_nobody_waits_long_for_a_database_that_is_kept_busy(
    carrier: Carrier, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not settings.sqlite:
        pytest.skip("The patience with PostgreSQL is its own setting.")
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    began = time.monotonic()
    with carrier.held_up():
        answers = [carrier.delivers(place) for place in range(WAITING + 1)]
        for answer in answers:
            with pytest.raises(BusyError):
                answer.result(20)
    assert time.monotonic() - began < 10
    carrier.delivers(0).result(10)
    assert heard() == ["Yes"]


def test_many_senders_at_many_moments_lose_nothing(carrier: Carrier) -> None:
    rounds = 5
    start = threading.Barrier(len(carrier.phones))

    def talk(place: int) -> None:
        start.wait(10)
        with carrier.app.app_context():
            for turn in range(rounds):
                body = "STOP" if turn == place % rounds else f"Text {turn}"
                text = Inbound(
                    "twilio", f"SM-{place}-{turn}", carrier.phones[place], carrier.number, body
                )
                arrivals.take_in(text)
                arrivals.take_in(text)

    with ThreadPoolExecutor(len(carrier.phones)) as pool:
        list(pool.map(talk, range(len(carrier.phones))))
    assert len(heard()) == rounds * len(carrier.phones)
    assert carrier.waiting() == 0
    counts = db.session.get_one(ActionTally, carrier.action_id)
    assert counts.opt_outs == len(carrier.phones)
