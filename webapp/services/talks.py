"""Where a talk with a contact begins, and whose inbox it lands in."""

from datetime import datetime

from sqlalchemy import update

from webapp.db import db
from webapp.models import Action, Contact, Conversation, Message, Number, Texting
from webapp.services import actions, conversations, members


def begin(
    contact: Contact,
    action_id: int | None,
    number: Number,
    texting: Texting,
    *,
    now: datetime,
) -> Conversation:
    """The conversation of a contact who answers a broadcast, or whom nobody texted.

    A broadcast has no conversations before somebody answers it; its text then stands in the one
    that is made, in the inbox of one of the action's texters. Whoever wrote by themselves has a
    conversation without an action, for the admins to see.
    """
    if action_id is None:
        return conversations.start(contact, None, number, texting, assignee_id=None, now=now)
    action = db.session.get_one(Action, action_id)
    assignee_id = texter_for(action, contact)
    made = conversations.start(contact, action, number, texting, assignee_id=assignee_id, now=now)
    db.session.execute(
        update(Message)
        .where(
            Message.contact_id == contact.id,
            Message.action_id == action_id,
            Message.conversation_id.is_(None),
        )
        .values(conversation_id=made.id)
        .execution_options(synchronize_session=False)
    )
    return made


def texter_for(action: Action, contact: Contact) -> int | None:
    """Whose inbox the talk with a contact lands in: the action's texters get them evenly.

    Where nobody was chosen these are the texters of the team, not those who run it. Whoever
    waits for approval gets none.
    """
    if action.all_texters:
        people = members.texters(action.campaign_id)
    else:
        people = actions.texters_of(action, approved=True)
    return people[contact.id % len(people)].id if people else None
