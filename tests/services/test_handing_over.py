"""Many conversations are given to somebody else at once."""

import pytest
from sqlalchemy import event, select

from tests import factories
from tests.services.scenes import NOW
from webapp.db import db, transaction
from webapp.errors import InvalidError
from webapp.models import Closed, Conversation, Draft, Event, InboxClock, TrailEntry, User
from webapp.services import handing_over


def talks(texter: User, number: int) -> list[int]:
    people = [factories.contact() for _ in range(number)]
    action = factories.action(*people)
    firsts = [factories.first_text(action, person, texter) for person in people]
    return [first.conversation_id or 0 for first in firsts]


def owners(ids: list[int]) -> list[int | None]:
    db.session.rollback()
    query = select(Conversation.assignee_id).where(Conversation.id.in_(ids))
    return list(db.session.scalars(query.order_by(Conversation.id)))


def move(ids: list[int], to: User | None, by: User) -> int:
    home = factories.the_campaign()
    with transaction():
        chosen = handing_over.marked(home, ids)
        return handing_over.reassign(home, chosen, to, by=by, now=NOW)


def test_some_of_them_move_and_each_move_is_told() -> None:
    jordan, ana, maya = factories.texter(), factories.texter(), factories.admin()
    ids = talks(jordan, 3)

    assert move(ids[:2], ana, maya) == 2
    assert owners(ids) == [ana.id, ana.id, jordan.id]
    assert move(ids[:2], ana, maya) == 0

    told = db.session.scalars(
        select(TrailEntry).where(TrailEntry.event == Event.REASSIGNED).order_by(TrailEntry.about_id)
    ).all()
    assert [(one.about, one.about_id, one.by_user_id) for one in told] == [
        ("conversation", ids[0], maya.id),
        ("conversation", ids[1], maya.id),
    ]
    contact = db.session.get_one(Conversation, ids[0]).contact_id
    assert (told[0].contact_id, told[0].details) == (contact, {"from": jordan.id, "to": ana.id})
    ticked = set(db.session.scalars(select(InboxClock.user_id).where(InboxClock.tick > 0)))
    assert {jordan.id, ana.id} <= ticked


def test_those_of_several_texters_and_of_nobody_move_together() -> None:
    jordan, ana, maya = factories.texter(), factories.texter(), factories.admin()
    ids = [*talks(jordan, 1), *talks(ana, 1), *talks(jordan, 1)]
    assert move(ids[2:], None, maya) == 1
    assert move(ids, maya, maya) == 3
    assert owners(ids) == [maya.id] * 3
    entries = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.REASSIGNED))
    was = {(entry.about_id, entry.details["from"]) for entry in entries}
    assert was == {(ids[0], jordan.id), (ids[1], ana.id), (ids[2], jordan.id), (ids[2], None)}


def test_what_is_closed_hidden_or_put_away_is_not_open() -> None:
    jordan = factories.texter()
    ids = talks(jordan, 4)
    with transaction():
        changes = (
            {"closed": Closed.OPTED_OUT},
            {"closed": Closed.STOP_WORD, "is_hidden": True},
            {"is_archived": True},
        )
        for number, values in zip(ids, changes, strict=False):
            for name, value in values.items():
                setattr(db.session.get_one(Conversation, number), name, value)
    home = factories.the_campaign()
    assert db.session.scalars(handing_over.open_of(home, jordan.id)).all() == ids[3:]
    assert handing_over.count_open(home, jordan.id) == 1


def test_a_draft_goes_along_but_replaces_none() -> None:
    jordan, ana, maya = factories.texter(), factories.texter(), factories.admin()
    ids = talks(jordan, 2)
    with transaction():
        for number, user in ((ids[0], jordan), (ids[1], jordan), (ids[1], ana)):
            body = f"by {user.id}"
            db.session.add(Draft(conversation_id=number, user_id=user.id, body=body))
    move(ids, ana, maya)
    rows = db.session.execute(
        select(Draft.conversation_id, Draft.body).where(Draft.user_id == ana.id)
    ).all()
    assert dict(tuple(row) for row in rows) == {
        ids[0]: f"by {jordan.id}",
        ids[1]: f"by {ana.id}",
    }


def test_nobody_outside_the_team_gets_any() -> None:
    jordan, maya = factories.texter(), factories.admin()
    ids = talks(jordan, 1)
    stranger = factories.texter(factories.campaign())
    with pytest.raises(InvalidError, match="on the team"):
        move(ids, stranger, maya)
    assert owners(ids) == [jordan.id]


def test_a_hundred_cost_no_more_statements_than_two() -> None:
    jordan, ana, maya = factories.texter(), factories.texter(), factories.admin()
    few, many = talks(jordan, 2), talks(jordan, 100)
    counts = []
    for ids in (few, many):
        statements: list[str] = []
        db.session.rollback()  # Each begins with nobody in memory.
        listen = lambda *given: statements.append(given[2])  # noqa: B023, E731
        event.listen(db.engine, "before_cursor_execute", listen)
        move(ids, ana, maya)
        event.remove(db.engine, "before_cursor_execute", listen)
        counts.append(len(statements))
    assert counts[1] <= counts[0]
