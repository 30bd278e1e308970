"""What a text does that opts somebody in, or is the keyword of an automated action.

Read after stop words and calls for help, and before the inbox.
"""

from dataclasses import dataclass
from datetime import datetime

from webapp.db import db
from webapp.models import Action, Campaign, Closed, Contact, Number, Texting
from webapp.services import answering, opting_in, places
from webapp.services.answering import Called
from webapp.services.places import Place
from webapp.texting import keywords
from webapp.texting.keywords import Meaning


@dataclass(slots=True)
class Keyword:
    """A text that is a keyword, and what was decided about it."""

    meaning: str  # as Message.meaning keeps it
    opts_in: bool = False
    # It was texted too soon after an opt-out, or calls an action that may not answer.
    is_shut_out: bool = False
    called: Called | None = None
    # The conversation it stands in, that one's action, and whose it is.
    thread_id: int | None = None
    action_id: int | None = None
    assignee_id: int | None = None


def read(place: Place, meaning: Meaning, body: str, *, now: datetime) -> Keyword | None:
    """What a text is, if it is a keyword here; None: an ordinary text, a person reads it.

    Only a number that serves broadcasts knows keywords (decision 2): START to a P2P number
    changes nothing. An action that opts nobody in never answers somebody who has opted out of
    broadcasts, and lifts nothing; what they wrote is for the admins to see.
    """
    if meaning not in (Meaning.NONE, Meaning.OPT_IN):
        return None
    if Texting.BROADCAST not in place.serves.serves:
        return None
    called = None
    if place.has_keywords:  # The one look-up that a short text may cost.
        called = answering.called(place.campaign_id, place.number_id, body)
    if meaning is Meaning.OPT_IN or (called is not None and called.opts_in):
        if opting_in.is_too_soon(place.contact_id, now=now):
            return Keyword(Meaning.OPT_IN.value, is_shut_out=True)
        return Keyword(Meaning.OPT_IN.value, opts_in=True, called=called)
    if called is None or not called.answers:
        return None
    return Keyword(
        answering.KEYWORD, called=called, is_shut_out=places.has_left(place, Texting.BROADCAST)
    )


def find_thread(keyword: Keyword, place: Place, *, now: datetime) -> None:
    """Say where a keyword is shown: where it is answered, else where the talk is already.

    With nothing to answer and no talk it stands in no conversation. A conversation that a stop
    word ended stays as it is.
    """
    contact = db.session.get_one(Contact, place.contact_id)
    number = db.session.get_one(Number, place.number_id)
    if keyword.called is not None and keyword.called.answers:
        action = db.session.get_one(Action, keyword.called.action_id)
        thread = answering.thread_of(action, contact, number, now=now)
    elif place.thread_id is not None and place.closed is not Closed.STOP_WORD:
        keyword.thread_id, keyword.action_id = place.thread_id, place.action_id
        keyword.assignee_id = place.assignee_id
        return
    elif answering.has_welcome(contact.campaign_id):
        thread = answering.loose_thread(contact, number, now=now)
    else:
        return
    keyword.thread_id, keyword.action_id = thread.id, thread.action_id
    keyword.assignee_id = thread.assignee_id


def act(keyword: Keyword, place: Place, body: str, *, message_id: int, now: datetime) -> None:
    """Opt in whom it opts in, then answer: by the action, else by the campaign's own text."""
    contact = db.session.get_one(Contact, place.contact_id)
    number = db.session.get_one(Number, place.number_id)
    called = keyword.called
    action = db.session.get_one(Action, called.action_id) if called and called.answers else None
    if keyword.opts_in:
        word = called.word if called else _spelled(body, contact.campaign_id)
        opting_in.take(contact, number, word, message_id=message_id, about=action, now=now)
    if action is not None:
        thread = answering.thread_of(action, contact, number, now=now)
        answering.answer(action, contact, thread, now=now)
    elif keyword.opts_in and answering.has_welcome(contact.campaign_id):
        thread = answering.loose_thread(contact, number, now=now)
        answering.welcome(contact, thread, now=now)


def _spelled(body: str, campaign_id: int) -> str:
    """The keyword that a text is, as it is written in the list."""
    letters = keywords.normalise(body)
    own = db.session.get_one(Campaign, campaign_id).opt_in_words
    every = (*keywords.OPT_IN_KEYWORDS, *own)
    return next((word for word in every if keywords.normalise(word) == letters), letters.upper())
