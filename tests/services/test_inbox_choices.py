"""What the inbox can be narrowed to: every action that people wrote in, and no other's."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests import factories
from tests.services.scenes import NOW, send_all, text_in
from tests.services.talks import Talk
from webapp.db import db, transaction
from webapp.models import Action, ActionKind, Contact, Number, NumberKind, User
from webapp.services import actions, inbox_choices

LATER = NOW + timedelta(minutes=1)


def names(texter: User | None = None) -> list[str]:
    db.session.rollback()
    return [name for _id, name in inbox_choices.actions(factories.the_campaign().id, texter)]


def for_broadcasts() -> Number:
    return factories.number(kind=NumberKind.BROADCAST)


def broadcast(*people: Contact, **values: object) -> Action:
    made = factories.action(*people, kind=ActionKind.BROADCAST, **values)
    send_all()
    return made


def test_admins_find_broadcasts_and_automations_once_somebody_has_written() -> None:
    number, talk, dana = for_broadcasts(), Talk(), factories.contact()
    automation = factories.automation("VOLUNTEER")
    asked = broadcast(dana)
    quiet = broadcast(factories.contact())
    assert names() == [talk.action.name]

    text_in(dana, number, "Where do I vote?", now=LATER)
    text_in(factories.contact(), number, "VOLUNTEER", now=LATER)

    assert names() == [asked.name, automation.name, talk.action.name]
    assert quiet.name not in names()


def test_texters_find_those_they_answer_for_also_when_they_are_over() -> None:
    number, dana = for_broadcasts(), factories.contact()
    jordan, sam = factories.texter(), factories.texter()
    asked = broadcast(dana, all_texters=False)
    with transaction():
        actions.set_details(asked, name="Signs", texters=[jordan])
    text_in(dana, number, "Where do I vote?", now=LATER)
    assert (names(jordan), names(sam)) == (["Signs"], [])

    with transaction():
        actions.finish(db.session.get_one(Action, asked.id), by=None, now=LATER)

    assert names(jordan) == ["Signs"]


def test_what_ended_with_a_stop_word_alone_is_nothing_to_look_for() -> None:
    number, dana = for_broadcasts(), factories.contact()
    broadcast(dana)
    text_in(dana, number, "Hello", now=LATER)
    assert len(names()) == 1
    text_in(dana, number, "STOP", now=LATER + timedelta(minutes=1))
    assert names() == []


def test_whether_somebody_wrote_is_looked_up_by_key() -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("The plan of an empty PostgreSQL table says nothing.")
    query = inbox_choices._actions(False).params(campaign_id=1)
    sql = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
    assert "SEARCH conversation USING INDEX ix_conversation_action (action_id=?)" in plan, plan
