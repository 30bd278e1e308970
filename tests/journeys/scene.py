"""A running Heed for journeys: people at their pages, contacts at their phones, the carrier."""

import contextvars
import json
import threading
from collections.abc import Iterable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import time_machine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests import factories
from tests.carrier import StandIn
from tests.client import Browser
from tests.journeys.lines import Call, Line, TwilioLine
from tests.journeys.screens import Screen, visit
from webapp.cli.importing import bring_in
from webapp.db import db, transaction, utc_now
from webapp.jobs import carrier_of, queue
from webapp.jobs.mailer import Mailer
from webapp.jobs.sender import Sender
from webapp.jobs.worker import ring_overdue
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    Campaign,
    Contact,
    ContactTag,
    Conversation,
    Event,
    Message,
    MessageState,
    Number,
    NumberKind,
    OptOutSource,
    Tag,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import delivery, holding, optouts

STATUS = "/webhooks/twilio/status"
SCRIPT = "Hi {first_name}, vote on Tuesday. Reply STOP to opt out."


class Person:
    """Somebody on the team, at a browser."""

    def __init__(self, browser: Browser, user: User, campaign: Campaign) -> None:
        self.browser, self.user = browser, user
        self.base = f"/c/{campaign.slug}"
        browser.sign_in_as(factories.session_token(user))

    def open(self, path: str, *, htmx: bool = False) -> Screen:
        """Open a page of the campaign."""
        return visit(self.browser, self.base + path, htmx=htmx)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Post to an address of the campaign without having its form, as a stale tab would."""
        return self.browser.post(self.base + path, data=fields)

    # Texting

    def takes_a_batch(self, action: Action) -> Screen:
        """Get contacts."""
        return self.open(f"/text/{action.id}").form("/batch").send()

    def card(self, action: Action) -> Screen:
        """The card with the next person."""
        return self.open(f"/text/{action.id}/send")

    def texts_everyone(self, action: Action) -> int:
        """Take a batch and tap Send until nobody is left; returns the taps."""
        page, taps = self.open(f"/text/{action.id}"), 0
        screen = page.form("/batch").send() if page.forms("/batch") else self.card(action)
        while screen.forms("/send"):
            screen = screen.form("/send").send()
            assert screen.status == 200, screen.words
            taps += 1
        return taps

    # The inbox

    def inbox(self, view: str = "all", **more: str) -> Screen:
        """A view of the inbox."""
        return self.open(f"/inbox?{urlencode({'view': view, **more})}")

    def thread(self, conversation: Conversation) -> Screen:
        """A conversation."""
        return self.open(f"/inbox/{conversation.id}")

    def replies(self, conversation: Conversation, body: str, **more: Any) -> Screen:
        """Write a reply in the thread's own form."""
        return self.thread(conversation).form("/reply").send(body=body, **more)

    def report(self, conversation: Conversation) -> Screen:
        """The page with the report."""
        return self.open(f"/inbox/{conversation.id}/report")

    def reports(self, conversation: Conversation, *tags: Tag, **more: Any) -> Screen:
        """Mark these tags in the report and send it."""
        form = self.report(conversation).form("/report")
        return form.send(tags=[tag.id for tag in tags], **more)


class Scene:
    """One campaign with a number, an admin and a texter; texts go through the stand-in."""

    def __init__(self, app: Flask, carrier: StandIn, line: Line | None = None) -> None:
        self.app, self.carrier = app, carrier
        self.line = line or TwilioLine()
        self.slug = "rivera"
        self.campaign = factories.campaign(name="Rivera for Council", slug=self.slug)
        self.phone = "+12025550107"
        self.number = factories.number(self.campaign, kind=NumberKind.P2P, phone=self.phone)
        self.admin = self.person(factories.admin(self.campaign, name="Maya Ortiz"))
        self.texter = self.person(factories.texter(self.campaign, name="Jordan Lee"))
        # What the audit finds after a test that plants rows by hand.
        self.wrong_in_the_end: list[str] = []
        self._sender = Sender(app, carrier_of(app), threading.Event())

    # People

    def person(self, user: User, campaign: Campaign | None = None) -> Person:
        """Somebody at a browser of their own."""
        return Person(self.browser(), user, campaign or self.campaign)

    def browser(self) -> Browser:
        """A browser that nobody has signed in with."""
        browser = self.app.test_client()
        assert isinstance(browser, Browser)
        return browser

    def contact(
        self, name: str = "Dana Whitfield", *, opted_out_of: Texting | None = None, **values: Any
    ) -> Contact:
        """Somebody on the campaign's lists, opted out by an admin if that is asked for."""
        first, _, last = name.partition(" ")
        more = {"of": self.campaign, **values}
        made = factories.contact(first_name=first, last_name=last, **more)
        if opted_out_of is not None:
            with transaction():
                optouts.record(
                    made,
                    opted_out_of,
                    source=OptOutSource.ADMIN,
                    by=self.admin.user,
                    now=utc_now(),
                )
        return made

    def action(self, *contacts: Contact, **values: Any) -> Action:
        """A peer-to-peer action with these people, launched."""
        return factories.action(*contacts, **{"of": self.campaign, **values})

    def texted(self, *contacts: Contact, **values: Any) -> Action:
        """An action whose first texts the texter has sent, and the carrier has taken."""
        action = self.action(*contacts, **values)
        self.texter.texts_everyone(action)
        self.works()
        return action

    # The carrier

    def hears(
        self, sender: Contact | str, body: str, *, to: Number | None = None, **extra: str
    ) -> TestResponse:
        """Somebody texts one of our numbers: the carrier's signed call to Heed."""
        phone = sender.phone if isinstance(sender, Contact) else sender
        return self.calls(self.line.text(phone, to.phone if to else self.phone, body, **extra))

    def call(self, path: str, fields: dict[str, str], *, signature: str = "") -> TestResponse:
        """A call of Twilio with any fields, rightly signed unless told otherwise."""
        return self.calls(TwilioLine().signed(path, fields, signature))

    def calls(self, call: Call) -> TestResponse:
        """A call of the carrier."""
        return self.browser().post(call.path, headers=call.headers, csrf=False, **call.body)

    def works(self) -> None:
        """Let a worker send whatever may be sent now, and go through the queue of tasks."""
        contextvars.copy_context().run(self._work)
        db.session.rollback()

    def sends_some(self) -> None:
        """Let a worker lease the next texts once and send them."""
        contextvars.copy_context().run(self._sender.send_some)
        db.session.rollback()

    def _work(self) -> None:
        tasks = self.app.extensions["queue"]
        while (task := tasks.dequeue()) is not None:
            tasks.execute(task)
        while self._due() or self._broadcasts_wait():
            self._sender.send_some()

    def minute_passes(self) -> None:
        """Let a worker do what is to be done each minute."""
        contextvars.copy_context().run(self._do_the_minute)
        db.session.rollback()

    def _do_the_minute(self) -> None:
        with self.app.app_context():
            queue.each_minute()

    def listens_for_alarms(self) -> None:
        """Ring what no claim rings any more, as a worker does every two seconds."""
        contextvars.copy_context().run(self._listen)
        db.session.rollback()

    def _listen(self) -> None:
        with self.app.app_context():
            ring_overdue()

    def mails(self) -> None:
        """Let a worker hand over what is to be mailed now."""
        contextvars.copy_context().run(Mailer(self.app, threading.Event()).send_all)
        db.session.rollback()

    def sweeps(self) -> None:
        """Put right what a killed worker left, as a worker does every two seconds."""
        contextvars.copy_context().run(self._sweep)
        db.session.rollback()

    def _sweep(self) -> None:
        with self.app.app_context(), transaction():
            delivery.sweep(now=utc_now())

    def _due(self) -> int:
        """How many texts could be claimed now."""
        with self.app.app_context():
            query = select(func.count()).where(
                Message.state == MessageState.QUEUED,
                Message.not_before <= datetime.now(UTC),
                holding.may_leave(utc_now()),
            )
            return db.session.scalar(query) or 0

    def _broadcasts_wait(self) -> bool:
        """Whether a live broadcast has somebody left whom the sender has not just passed over."""
        with self.app.app_context():
            resting = self._sender.walks.resting(datetime.now(UTC))
            query = (
                select(func.count())
                .select_from(Action)
                .join(ActionTally, ActionTally.action_id == Action.id)
                .where(
                    Action.kind == ActionKind.BROADCAST,
                    Action.state == ActionState.LIVE,
                    ActionTally.ready > 0,
                    Action.id.not_in(resting),
                )
            )
            return bool(db.session.scalar(query))

    @contextmanager
    def later(self, **delta: float) -> Any:
        """Some time afterwards."""
        moment = datetime.now(UTC) + timedelta(**delta)
        with time_machine.travel(moment, tick=True):
            yield

    def taken(self, contact: Contact | None = None) -> list[str]:
        """The texts that the carrier has taken, to one person or to all."""
        phone = contact.phone if contact else None
        return [one.body for one in self.carrier.arrivals(phone) if one.accepted]

    # Files

    def imports(self, rows: str, *options: str, slug: str = "") -> dict[str, Any]:
        """Bring a file of contacts in, as `heed contacts import` does; what it answers."""
        file = self.app.extensions["settings"].instance / "contacts.csv"
        file.write_text(rows, encoding="utf-8")
        arguments = [slug or self.slug, str(file), "--list=Ward 25", "--json", *options]
        with self.app.app_context():
            done = CliRunner().invoke(bring_in, arguments, catch_exceptions=False)
        db.session.rollback()
        assert done.exit_code == 0, done.output
        facts: dict[str, Any] = json.loads(done.stdout)
        return facts

    # What is written down

    def tags_of(self, contact: Contact) -> set[str]:
        """The names of the tags that a contact carries."""
        db.session.rollback()
        query = select(Tag.name).join(ContactTag, ContactTag.tag_id == Tag.id)
        return set(db.session.scalars(query.where(ContactTag.contact_id == contact.id)))

    def conversation(self, contact: Contact, action: Action | None = None) -> Conversation:
        """The conversation with somebody, the newest if there are several."""
        db.session.rollback()
        query = select(Conversation).where(Conversation.contact_id == contact.id)
        if action is not None:
            query = query.where(Conversation.action_id == action.id)
        return db.session.scalars(query.order_by(Conversation.id.desc())).first()  # type: ignore[return-value]

    def messages(self, contact: Contact, **conditions: Any) -> list[Message]:
        """The texts from and to somebody, oldest first."""
        db.session.rollback()
        query = select(Message).where(Message.contact_id == contact.id)
        return list(db.session.scalars(query.filter_by(**conditions).order_by(Message.id)))

    def trail(self, contact: Contact, *events: Event) -> list[TrailEntry]:
        """What the trail tells of somebody, oldest first."""
        db.session.rollback()
        query = select(TrailEntry).where(TrailEntry.contact_id == contact.id)
        if events:
            query = query.where(TrailEntry.event.in_(events))
        return list(db.session.scalars(query.order_by(TrailEntry.id)))

    def built_in(self, texting: Texting = Texting.P2P) -> Tag:
        """One of the two built-in tags."""
        query = select(Tag).where(Tag.campaign_id == self.campaign.id, Tag.opts_out_of == texting)
        return db.session.scalars(query).one()


def states(messages: Iterable[Message]) -> list[str]:
    """The states of texts, in order."""
    return [message.state.value for message in messages]
