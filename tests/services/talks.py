"""A contact whom a texter has texted, and what they say to each other."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from tests import factories
from tests.services.scenes import NOW, text_in
from webapp.db import db, transaction
from webapp.models import Campaign, Conversation, Message, MessageKind, MessageState, Number, User
from webapp.services import replies

HINT = "Please do not text me anymore, thanks"


class Talk:
    """A contact whom a texter has texted, and what they say to each other."""

    def __init__(
        self,
        home: Campaign | None = None,
        *,
        number: Number | None = None,
        texter: User | None = None,
        **of_contact: Any,
    ) -> None:
        self.number = number or factories.number(home)
        self.texter = texter or factories.texter(home, name="Jordan Lee")
        self.contact = factories.contact(of=home, **{"first_name": "Dana"} | of_contact)
        self.action = factories.action(self.contact, of=home)
        first = factories.first_text(self.action, self.contact, self.texter)
        with transaction():
            first.state = MessageState.SENT
        self.id = first.conversation_id
        self.serial = 0

    @property
    def conversation(self) -> Conversation:
        """The conversation as it is stored now."""
        db.session.rollback()
        return db.session.get_one(Conversation, self.id)

    def hears(self, body: str, *, now: datetime = NOW) -> None:
        """The contact writes."""
        text_in(self.contact, self.number, body, now=now)

    def says(
        self,
        body: str,
        *,
        key: str = "",
        by: User | None = None,
        now: datetime = NOW,
        anyway: bool = False,
        seen: int | None = None,
        saved_id: int | None = None,
    ) -> Message:
        """The texter writes."""
        self.serial += 1
        with transaction():
            return replies.reply(
                db.session.get_one(Conversation, self.id),
                body,
                key=key or f"key {self.serial}",
                by=by or self.texter,
                now=now,
                anyway=anyway,
                seen=seen,
                saved_id=saved_id,
            )

    def count(self) -> int:
        """How many replies there are, whatever became of them."""
        query = select(func.count()).where(Message.kind == MessageKind.REPLY)
        return db.session.scalar(query) or 0
