"""STOP racing a send, with real processes, a real carrier and a worker killed half-way."""

import random
import signal
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.carrier import Answered, Arrival
from tests.installation import installed
from webapp.config import Settings
from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    ActionTally,
    Contact,
    Message,
    MessageKind,
    MessageState,
)
from webapp.services import optouts

TEXTS = 500
STOPS = 50
# G1: nothing reaches the carrier later than this after the 200 of the STOP, in seconds.
SILENT_WITHIN = 1.0
UNSETTLED = (MessageState.QUEUED, MessageState.CLAIMED)


@pytest.mark.parametrize("kind", [ActionKind.P2P, ActionKind.BROADCAST])
def test_a_stop_silences_at_once_and_a_killed_worker_loses_and_doubles_nothing(
    settings: Settings, kind: ActionKind
) -> None:
    number = factories.number()
    contacts = [factories.contact() for _ in range(TEXTS)]
    action = factories.action(*contacts, kind=kind, batch_size=TEXTS, pause_per_mille=0)
    if kind is ActionKind.P2P:
        texter = factories.texter()
        for contact in contacts:
            factories.first_text(action, contact, texter)
    chance = random.Random(20261123)
    stopping = chance.sample(contacts, STOPS)

    with installed(settings, rate=60) as (heed, carrier):
        carrier.delay(0.01, 0.12)
        heed.serve()
        victim, survivor = heed.worker(), heed.worker()
        carrier.wait(20, seconds=30)
        answers: dict[str, Answered] = {}
        for contact in stopping:
            answers[contact.phone] = heed.phones.text(contact.phone, number.phone, "STOP")
            if victim.poll() is None and len(carrier.arrivals()) > TEXTS // 3:
                victim.kill()
                victim.wait()
            time.sleep(chance.uniform(0.0, 0.2))
        assert victim.poll() == -signal.SIGKILL
        assert len(carrier.arrivals()) < TEXTS - STOPS, "The race was over too soon."
        _wait_until_settled(action, patience=100)
        survivor.terminate()
        arrivals = carrier.arrivals()

    assert {answer.status for answer in answers.values()} == {200}
    _assert_silence(arrivals, answers)
    _assert_once_or_not_at_all(action, contacts, arrivals)
    for contact in stopping:
        assert optouts.is_opted_out(contact.id, contact.campaign_id, kind.texting)


def _wait_until_settled(action: Action, *, patience: float) -> None:
    """Until nothing is on its way: what a killed worker held comes back when its lease lapses."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        db.session.rollback()
        left = db.session.scalar(
            select(func.count()).where(Message.action_id == action.id, Message.state.in_(UNSETTLED))
        )
        ready = db.session.scalar(
            select(ActionTally.ready).where(ActionTally.action_id == action.id)
        )
        if not left and not ready:
            return
        time.sleep(0.5)
    raise AssertionError(f"{left} texts were still on their way after {patience} s.")


def _assert_silence(arrivals: list[Arrival], answers: dict[str, Answered]) -> None:
    late = [
        arrival.came - answers[arrival.to].answered
        for arrival in arrivals
        if arrival.to in answers and arrival.came > answers[arrival.to].answered + SILENT_WITHIN
    ]
    assert not late


def _assert_once_or_not_at_all(
    action: Action, contacts: list[Contact], arrivals: list[Arrival]
) -> None:
    assert max(Counter(arrival.to for arrival in arrivals).values()) == 1
    db.session.rollback()
    rows = db.session.execute(
        select(Contact.phone, Message.state)
        .join(Contact, Contact.id == Message.contact_id)
        .where(Message.action_id == action.id, Message.kind == MessageKind.FIRST)
    ).all()
    arrived = {arrival.to for arrival in arrivals}
    states = {row.phone: row.state for row in rows}
    counts = db.session.get_one(ActionTally, action.id, populate_existing=True)
    # Whoever opted out before the text of a broadcast was claimed has none.
    assert len(states) + counts.skipped == len(contacts)
    assert counts.skipped == counts.opted_out
    missing = {phone: state for phone, state in states.items() if phone not in arrived}
    allowed = {MessageState.CANCELLED, MessageState.UNKNOWN, MessageState.SENDING}
    assert set(missing.values()) <= allowed
    assert (counts.total, counts.ready) == (len(contacts), 0)
