"""A busy day: two campaigns that share a number, and everything that can happen to a text."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from tests import factories
from tests.services import scenes
from tests.services.scenes import MINUTE, NOW
from webapp.carriers.base import Outgoing, Refused, Result, Unknown
from webapp.db import db, transaction
from webapp.models import (
    Action,
    Answerer,
    Campaign,
    Contact,
    Conversation,
    Event,
    MessageKind,
    MessageState,
    Number,
    NumberKind,
    OptOutSource,
    Tag,
    Texting,
    User,
)
from webapp.services import (
    actions,
    optouts,
    replies,
    report_settings,
    reports,
    settlement,
    tags,
    trail,
)

NUMBER, OTHER_NUMBER, NOBODYS_NUMBER = "+13125550188", "+13125550189", "+13125550199"
LATER = NOW + 2 * MINUTE


@dataclass(frozen=True)
class Cast:
    """Who takes part."""

    home: Campaign
    boss: User
    texter: User
    number: Number
    action: Action
    sign: Tag
    people: list[Contact]
    neighbours: list[Contact]


def live_through() -> Cast:
    """The whole day; afterwards everything has to hold."""
    cast = _morning()
    _texts_leave(cast)
    _people_answer(cast)
    _texters_work(cast)
    _one_comes_back(cast)
    with transaction():
        actions.pause(cast.action, by=cast.boss, now=NOW + 14 * MINUTE)
        actions.finish(cast.action, by=cast.boss, now=NOW + 15 * MINUTE)
    for minute in (1, 2):
        with transaction():
            trail.seal(now=NOW + minute * MINUTE)
            trail.record(Event.EXPORTED, campaign_id=cast.home.id, by=cast.boss, now=NOW)
    return cast


def _morning() -> Cast:
    home, other = factories.campaign(slug="rivera"), factories.campaign(slug="okafor")
    number = factories.number(home, phone=NUMBER, confirmation_by=Answerer.HEED)
    factories.number(other, phone=NUMBER)
    factories.number(other, phone=OTHER_NUMBER, kind=NumberKind.P2P)
    boss, texter, helper = factories.admin(home), factories.texter(home), factories.texter(other)
    people = [factories.contact(of=home, first_name=f"Dana {n}") for n in range(12)]
    neighbours = [factories.contact(of=other) for _ in range(3)]
    with transaction():
        optouts.record(people[10], Texting.P2P, source=OptOutSource.ADMIN, by=boss, now=NOW)
    action = factories.action(*people, of=home, goodbye=True)
    theirs = factories.action(*neighbours, of=other)
    sign = factories.tag("Wants a yard sign", of=home)
    with transaction():
        report_settings.show_tag(action, sign, by=boss, now=NOW)
    for person in people[:9]:
        factories.first_text(action, person, texter)
    for person in neighbours[:2]:
        factories.first_text(theirs, person, helper)
    return Cast(home, boss, texter, number, action, sign, people, neighbours)


def _texts_leave(cast: Cast) -> None:
    """One STOP is quicker than its text; the carrier answers in every way it has."""
    scenes.text_in(cast.people[8], cast.number, "STOP")
    moody = _moody(cast.people)
    scenes.send_all(moody, now=NOW)
    scenes.send_all(moody, now=NOW + MINUTE)
    for person in cast.people[:3]:
        scenes.report_of(scenes.newest(contact_id=person.id, kind=MessageKind.FIRST), "delivered")


def _moody(people: list[Contact]) -> Callable[[Outgoing], Result]:
    """A carrier that takes most texts, does not answer for one and refuses others."""
    answers: dict[str, Result] = {
        people[4].phone: Unknown("No answer in time."),
        people[5].phone: Refused("21610", "Opted out.", permanent=True, opted_out=True),
        people[6].phone: Refused("21614", "Not a mobile number.", permanent=True),
    }
    tried: set[str] = set()

    def answer(outgoing: Outgoing) -> Result:
        if outgoing.recipient == people[7].phone and outgoing.reference not in tried:
            tried.add(outgoing.reference)
            return Refused("20429", "Too many.", permanent=False)
        usual = scenes.accepted(outgoing)
        return answers.get(outgoing.recipient, usual)

    return answer


def _people_answer(cast: Cast) -> None:
    people, number = cast.people, cast.number
    scenes.text_in(people[0], number, "Stop!", sid="SM-stop", now=LATER)
    assert not scenes.text_in(people[0], number, "Stop!", sid="SM-stop", now=LATER)
    scenes.text_in(people[0], number, "And thank you", now=LATER)
    scenes.text_in(people[1], number, "Please do not text me anymore", now=LATER)
    scenes.text_in(people[2], number, "Where do I vote?", now=LATER)
    scenes.text_in(people[2], number, "Liked “Hi Dana, vote on Tuesday.”", now=LATER)
    scenes.text_in(factories.STRANGER, number, "STOP", now=LATER)
    scenes.text_in(cast.neighbours[0], OTHER_NUMBER, "Hello?", now=LATER)
    scenes.text_in(cast.neighbours[0], NOBODYS_NUMBER, "Hello?", now=LATER)


def _texters_work(cast: Cast) -> None:
    people, texter, opt_out = cast.people, cast.texter, tags.built_in(cast.home.id, Texting.P2P)
    with transaction():
        replies.reply(thread_of(people[2]), "At the library.", key="r1", by=texter, now=LATER)
        filled = reports.Filled(tag_ids=[opt_out.id, cast.sign.id], goodbye=True)
        reports.send(thread_of(people[1]), filled, key="p1", by=texter, now=LATER)
        plain = reports.Filled(tag_ids=[cast.sign.id])
        reports.send(thread_of(people[2]), plain, key="p2", by=texter, now=LATER)
    some = select(Contact.id).where(Contact.id.in_([people[3].id, people[11].id]))
    imported = {"source": OptOutSource.IMPORT, "by": cast.boss, "now": LATER}
    with transaction():
        optouts.record_many(cast.home, Texting.BROADCAST, some, **imported)
    unknown = scenes.newest(state=MessageState.UNKNOWN)
    with transaction():
        settlement.release(unknown, reason="They never got it.", by=cast.boss, now=LATER)
    scenes.send_all(now=LATER)
    scenes.sweep(now=LATER + MINUTE)


def _one_comes_back(cast: Cast) -> None:
    """An opt-out is lifted, the person is texted again and opts out once more."""
    person, reason = cast.people[1], "She asked to hear from us."
    lifted = {"reason": reason, "agreed": "call", "by": cast.boss, "now": NOW + 10 * MINUTE}
    with transaction():
        optouts.lift(person, Texting.P2P, **lifted)
    again = {"key": "r2", "by": cast.texter, "anyway": True, "now": NOW + 11 * MINUTE}
    with transaction():
        replies.reply(thread_of(person), "Hello again.", **again)
    scenes.send_all(now=NOW + 12 * MINUTE)
    scenes.text_in(person, cast.number, "QUIT", now=NOW + 13 * MINUTE)


def thread_of(contact: Contact) -> Conversation:
    """The first conversation of a contact."""
    query = select(Conversation).where(Conversation.contact_id == contact.id)
    return db.session.scalars(query.order_by(Conversation.id).limit(1)).one()
