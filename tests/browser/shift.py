"""A campaign in the middle of texting: people with names, an action, conversations."""

import time
from itertools import count

from sqlalchemy import select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.models import Action, Contact, Conversation, Message, MessageState, Texting
from webapp.services import demo_phone, optouts, report_settings, scripts
from webapp.services.scripts import Reply

NAMES = (
    ("Dana", "Whitfield"),
    ("Luis", "Ortega"),
    ("Priya", "Raman"),
    ("Tom", "Breckner"),
    ("Alicia", "Fontaine"),
)
GOODBYE = "Understood. We won't text you again."
LIBRARY = "You can vote at the library, any day."
_serial = count(1)


class Shift:
    """A texter with a launched action for five people, nobody texted yet."""

    def __init__(self) -> None:
        n = next(_serial)
        self.campaign = factories.campaign(name=f"Rivera for Council {n}")
        self.base = f"/c/{self.campaign.slug}"
        self.owner = factories.owner(self.campaign, name="Maya Okafor")
        self.texter = factories.texter(self.campaign, name="Jordan Lee")
        area = ("312", "773", "872", "708", "630", "847", "224", "815", "779", "618")[n // 100]
        self.number = factories.number(self.campaign, phone=f"+1{area}5550{100 + n % 100}")
        self.people = [
            factories.contact(of=self.campaign, first_name=first, last_name=last)
            for first, last in NAMES
        ]
        self.dana, self.luis, *_ = self.people
        self.tag = factories.tag("Will vote", of=self.campaign)
        self.action = self.begins("Doorstep to ballot", *self.people)

    def begins(self, name: str, *people: Contact) -> Action:
        """A launched action with two saved replies and a tag in its report."""
        action = factories.action(*people, of=self.campaign, name=name)
        with transaction():
            opt_out = report_settings.opt_out_tag(action)
            scripts.set_saved_replies(
                action, [Reply("Goodbye", GOODBYE, opt_out), Reply("Library", LIBRARY, None)]
            )
            report_settings.show_tag(action, self.tag, by=self.owner, now=utc_now())
        return action

    def offers_goodbye(self, words: str) -> None:
        """The report of the action offers this goodbye from now on."""
        with transaction():
            report_settings.set_options(
                db.session.get_one(Action, self.action.id),
                note_asked=True,
                goodbye=True,
                goodbye_text=words,
                by=self.owner,
                now=utc_now(),
            )

    def talks(self, contact: Contact, *bodies: str) -> Conversation:
        """The conversation of the texter with somebody who answered the first text with these."""
        first = factories.first_text(self.action, contact, self.texter)
        self.arrives(first)
        for body in bodies or ("Who is this?",):
            self.hears(contact, body)
        return self.conversation(contact)

    def answers(self, contact: Contact, body: str) -> None:
        """Somebody answers the first text that was sent on the screen, once it has come."""
        query = select(Message).where(Message.contact_id == contact.id).order_by(Message.id)
        db.session.rollback()
        text = db.session.scalars(query).first()
        assert text is not None
        self.arrives(text)
        self.hears(contact, body)

    def arrives(self, text: Message) -> None:
        """Wait until the worker has sent a text: nobody answers what has not come."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            db.session.rollback()
            if db.session.get_one(Message, text.id).state is MessageState.SENT:
                return
            time.sleep(0.05)
        raise AssertionError("The worker did not send the text within 30 seconds.")

    def hears(self, contact: Contact, body: str) -> None:
        """Somebody texts the campaign's number."""
        with transaction():
            demo_phone.text_in(contact.phone, self.number, body, now=utc_now())

    def conversation(self, contact: Contact) -> Conversation:
        """The newest conversation with somebody."""
        db.session.rollback()
        query = select(Conversation).where(Conversation.contact_id == contact.id)
        found = db.session.scalars(query.order_by(Conversation.id.desc())).first()
        assert found is not None
        return found

    def texts_to(self, contact: Contact) -> list[str]:
        """What the campaign has texted somebody, or is about to, oldest first."""
        db.session.rollback()
        query = select(Message).where(Message.contact_id == contact.id)
        found = db.session.scalars(query.order_by(Message.id))
        return [one.body for one in found if one.direction.value == "out"]

    def path(self, contact: Contact) -> str:
        """The page of the conversation with somebody."""
        return f"{self.base}/inbox/{self.conversation(contact).id}"

    def is_opted_out(self, contact: Contact, texting: Texting = Texting.P2P) -> bool:
        """Whether somebody carries the opt-out tag of this kind."""
        db.session.rollback()
        return optouts.is_opted_out(contact.id, self.campaign.id, texting)
