"""An afternoon of the practice campaign: each thing happens through its service, at its time."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.carriers.base import Accepted
from webapp.db import db
from webapp.models import Action, Campaign, Contact, Conversation, Tag, User
from webapp.services import (
    batches,
    claims,
    contacts_by_phone,
    delivery,
    demo_phone,
    demo_script,
    numbers,
    replies,
    report_settings,
    reports,
    settlement,
    shifts,
    tags,
)
from webapp.services.demo_script import Line
from webapp.services.reports import Filled

# The practice texts leave at once: what is slow with a carrier is not what people practise.
RATE = 10.0


@dataclass(frozen=True)
class Story:
    """What happened, told through the services at its own time."""

    campaign: Campaign
    action: Action
    texter: User
    now: datetime

    def at(self, ago: float) -> datetime:
        """A moment so many minutes ago."""
        return self.now - timedelta(minutes=ago)

    def send_first_texts(self, texter: User, amount: int, ago: float) -> None:
        """Take a batch and text its first people, one after the other."""
        moment = self.at(ago)
        batches.take_batch(self.action, texter, now=moment)
        for place in range(amount):
            moment = self.at(ago - demo_script.BETWEEN * place)
            upcoming = shifts.up_next(self.action, texter, now=moment)
            assert upcoming is not None
            key = secrets.token_urlsafe(12)
            batches.send_first(self.action, upcoming.contact.id, texter, key=key, now=moment)
            _send_waiting(moment + timedelta(seconds=1))

    def tell(self, line: Line) -> None:
        """Let one thing happen."""
        contact = contacts_by_phone.find(self.campaign.id, demo_script.phone_of(line.who))
        assert contact is not None
        if line.does == "texts":
            number = numbers.all_of(self.campaign)[0]
            demo_phone.text_in(contact.phone, number, line.text, now=self.at(line.ago))
        else:
            self._answer(contact, line)
        _send_waiting(self.at(line.ago) + timedelta(seconds=1))

    def _answer(self, contact: Contact, line: Line) -> None:
        conversation = db.session.scalars(
            select(Conversation).where(
                Conversation.contact_id == contact.id, Conversation.action_id == self.action.id
            )
        ).one()
        key, moment = secrets.token_urlsafe(12), self.at(line.ago)
        if line.does == "says":
            replies.reply(conversation, line.text, key=key, by=self.texter, now=moment)
            return
        filled = Filled(
            tag_ids=self._tag_ids(line),
            answers=self._answers(line),
            goodbye=line.opts_out,
            archive=True,
        )
        reports.send(conversation, filled, key=key, by=self.texter, now=moment)

    def _tag_ids(self, line: Line) -> list[int]:
        named: dict[str, Tag] = {tag.name: tag for tag in tags.all_of(self.campaign.id)}
        ids = [named[name].id for name in line.tags]
        return ids + [report_settings.opt_out_tag(self.action).id] * line.opts_out

    def _answers(self, line: Line) -> dict[int, str]:
        asked = report_settings.questions_of(self.action)
        return {question.id: line.support for question in asked if line.support}


def _send_waiting(now: datetime) -> None:
    """Send what waits, as a worker would with a carrier that takes every text."""
    while claimed := claims.claim(owner="demo", rate=RATE, now=now):
        for text in claimed:
            outgoing = delivery.take(text.message_id, owner="demo", status_url=None, now=now)
            if outgoing is not None:
                accepted = Accepted(f"sim-{secrets.token_hex(16)}")
                settlement.settle(
                    text.message_id, accepted, owner="demo", provider=demo_phone.PROVIDER, now=now
                )
