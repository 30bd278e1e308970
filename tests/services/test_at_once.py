"""Everything at once, in many threads: nothing fails, nothing is lost, and the audit is clean."""

import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.services import scenes
from webapp.carriers.base import Accepted, Outgoing, Refused, Result, Unknown
from webapp.db import db, transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import (
    Action,
    Answerer,
    Campaign,
    Contact,
    Conversation,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    Recipient,
    RecipientState,
    Texting,
    User,
)
from webapp.services import (
    actions,
    audit,
    batches,
    claims,
    delivery,
    optouts,
    replies,
    reports,
    settlement,
    tags,
    trail,
)

PEOPLE = 10
ROUNDS = 25
WORKERS = 3


class Crowd:
    """People who do things at random, and what went wrong while they did."""

    def __init__(self, app: Flask, seed: int) -> None:
        self.app, self.seed = app, seed
        self.texter = factories.texter().id
        self.boss = factories.admin().id
        self.number = factories.number(confirmation_by=Answerer.HEED).phone
        people = [factories.contact() for _ in range(PEOPLE)]
        self.people = [person.id for person in people]
        self.phones = [person.phone for person in people]
        made = [factories.action(*people, goodbye=True) for _ in range(2)]
        self.actions = [action.id for action in made]
        self.wrong: list[BaseException] = []
        self.arrived: Counter[str] = Counter()
        self._counting = threading.Lock()

    def run(self) -> None:
        roles: list[Callable[[random.Random], None]] = [
            *[self.text_in] * 3,
            *[self.first_text] * 2,
            self.reply,
            self.report,
            self.change_standing,
            self.run_action,
        ]
        threads = [
            threading.Thread(target=self._repeat, args=(role, place))
            for place, role in enumerate(roles)
        ]
        done = threading.Event()
        workers = [
            threading.Thread(target=self._work, args=(f"worker-{place}", done))
            for place in range(WORKERS)
        ]
        for thread in threads + workers:
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        for thread in workers:
            thread.join()

    def _repeat(self, act: Callable[[random.Random], None], place: int) -> None:
        chance = random.Random(self.seed * 100 + place)
        try:
            for _ in range(ROUNDS):
                # A rule may say no; that is an answer.
                with self.app.app_context(), suppress(RefusedError):
                    act(chance)
        except BaseException as error:
            self.wrong.append(error)
            raise

    # What people do

    def text_in(self, chance: random.Random) -> None:
        body = chance.choice(["STOP", "Hello", "Who is this?", "Please do not text me", "START"])
        place = chance.randrange(PEOPLE)
        sid = f"SM{secrets.token_hex(8)}" if chance.random() < 0.8 else f"SM-{place}-{body}"
        scenes.text_in(self.phones[place], self.number, body, sid=sid, now=None)

    def first_text(self, chance: random.Random) -> None:
        with transaction():
            action = db.session.get_one(Action, chance.choice(self.actions))
            batches.take_batch(action, self._user(self.texter), now=utc_now())
        with transaction():
            action = db.session.get_one(Action, action.id)
            open_ones = select(Recipient.contact_id).where(
                Recipient.action_id == action.id, Recipient.state == RecipientState.READY
            )
            waiting = list(db.session.scalars(open_ones))
            if waiting:
                batches.send_first(
                    action,
                    chance.choice(waiting),
                    self._user(self.texter),
                    key=secrets.token_urlsafe(8),
                    now=utc_now(),
                )

    def reply(self, chance: random.Random) -> None:
        with transaction():
            thread = self._thread(chance)
            if thread is not None:
                replies.reply(
                    thread,
                    "Thanks for asking.",
                    key=secrets.token_urlsafe(8),
                    by=self._user(self.texter),
                    now=utc_now(),
                    anyway=True,
                )

    def report(self, chance: random.Random) -> None:
        with transaction():
            thread = self._thread(chance)
            if thread is None:
                return
            opt_out = tags.built_in(thread.campaign_id, Texting.P2P)
            marked = [opt_out.id] if chance.random() < 0.3 else []
            reports.send(
                thread,
                reports.Filled(tag_ids=marked, goodbye=True),
                key=secrets.token_urlsafe(8),
                by=self._user(self.texter),
                now=utc_now(),
            )

    def change_standing(self, chance: random.Random) -> None:
        """An admin lifts opt-outs; an import brings some."""
        with transaction():
            who = {"by": self._user(self.boss), "now": utc_now()}
            if chance.random() < 0.3:
                some = select(Contact.id).where(Contact.id.in_(chance.sample(self.people, 4)))
                home = db.session.scalars(select(Campaign)).one()
                optouts.record_many(home, Texting.P2P, some, source=OptOutSource.IMPORT, **who)
                return
            contact = db.session.get_one(Contact, chance.choice(self.people))
            reason = "They asked to come back."
            optouts.lift(contact, Texting.P2P, reason=reason, agreed="call", **who)

    def run_action(self, chance: random.Random) -> None:
        with transaction():
            action = db.session.get_one(Action, chance.choice(self.actions))
            change = chance.choice([actions.pause, actions.resume])
            change(action, by=self._user(self.boss), now=utc_now())
        with transaction():
            trail.seal(now=utc_now())
        with transaction():
            unknown = select(Message).where(Message.state == MessageState.UNKNOWN).limit(1)
            message = db.session.scalars(unknown).first()
            if message is not None:
                settlement.release(
                    message, reason="Never arrived.", by=self._user(self.boss), now=utc_now()
                )

    def _thread(self, chance: random.Random) -> Conversation | None:
        query = select(Conversation).where(
            Conversation.contact_id == chance.choice(self.people), Conversation.closed.is_(None)
        )
        return db.session.scalars(query.limit(1)).first()

    def _user(self, user_id: int) -> User:
        return db.session.get_one(User, user_id)

    # What workers and the carrier do

    def _work(self, owner: str, done: threading.Event) -> None:
        chance = random.Random(owner + str(self.seed))
        try:
            while True:
                last_round = done.is_set()
                with self.app.app_context():
                    sent = self._send_some(owner, chance)
                    with transaction():
                        delivery.sweep(now=utc_now())
                if last_round and not sent:
                    return
        except BaseException as error:
            self.wrong.append(error)
            raise

    def _send_some(self, owner: str, chance: random.Random) -> int:
        with transaction():
            claimed = claims.claim(owner=owner, rate=1_000, now=utc_now())
        for text in claimed:
            with transaction():
                out = delivery.take(text.message_id, owner=owner, status_url=None, now=utc_now())
            if out is None:
                continue
            wanted = delivery.still_wanted(text.message_id, owner=owner, now=utc_now())
            db.session.rollback()
            if not wanted:
                with transaction():
                    delivery.withdraw(text.message_id, owner=owner, now=utc_now())
                continue
            result = self._carrier(out, chance)
            with transaction():
                settlement.settle(
                    text.message_id, result, owner=owner, provider="twilio", now=utc_now()
                )
        return len(claimed)

    def _carrier(self, out: Outgoing, chance: random.Random) -> Result:
        dice = chance.random()
        if dice < 0.05:
            return Refused("21610", "Opted out.", permanent=True, opted_out=True)
        if dice < 0.10:
            return Refused("20429", "Too many.", permanent=False)
        if dice < 0.15:
            return Unknown("No answer.")
        with self._counting:
            self.arrived[out.reference] += 1
        return Accepted(f"SM{secrets.token_hex(16)}")


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_at_once_everything_holds_afterwards(app: Flask, seed: int) -> None:
    crowd = Crowd(app, seed)
    crowd.run()
    assert [repr(error.__cause__ or error) for error in crowd.wrong] == []
    db.session.rollback()
    with transaction():
        trail.seal(now=utc_now())
    found = {finding.check: finding.examples for finding in audit.run() if not finding.ok}
    assert found == {}
    assert max(crowd.arrived.values()) == 1
    left = select(Message.id).where(
        Message.kind == MessageKind.FIRST, Message.state == MessageState.CLAIMED
    )
    assert db.session.scalars(left).all() == []
