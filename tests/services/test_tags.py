"""Tags: the built-in ones keep out of everybody's reach, look-alikes are refused."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import ContactTag, Event, ShownTag, Tag, Texting, TrailEntry
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import tags

IMITATIONS = ("Opt Out", "opt-0ut", "OPT  OUT (p2p)", "Do Not Text", "Ѕtop", "Unsubcribed", "DNC")


def make(name: str, *, understood: bool = False) -> Tag:
    with transaction():
        home = factories.the_campaign()
        return tags.create(home, name, understood=understood, by=None, now=utc_now())


def events() -> list[Event]:
    return list(db.session.scalars(select(TrailEntry.event).order_by(TrailEntry.id)))


@pytest.mark.parametrize("texting", Texting)
def test_every_campaign_has_one_built_in_tag_of_each_kind(texting: Texting) -> None:
    tag = tags.built_in(factories.campaign().id, texting)
    assert (tag.name, tag.is_built_in, tag.contacts) == (BUILT_IN_NAMES[texting], True, 0)


def test_making_the_built_in_tags_again_makes_nothing() -> None:
    home = factories.campaign()
    with transaction():
        tags.create_built_ins(home, now=utc_now())
    assert db.session.scalar(select(func.count()).select_from(Tag)) == 2


@pytest.mark.parametrize("texting", Texting)
@pytest.mark.parametrize("road", ["rename", "archive", "apply", "take off"])
def test_a_built_in_tag_is_refused_by_every_road_of_the_service(
    texting: Texting, road: str
) -> None:
    person = factories.contact()
    tag = tags.built_in(person.campaign_id, texting)
    with pytest.raises(RefusedError), transaction():
        if road == "rename":
            tags.rename(tag, "Will vote", by=None, now=utc_now())
        elif road == "archive":
            tags.archive(tag, by=None, now=utc_now())
        elif road == "apply":
            tags.apply(tag, person.id, by=None, now=utc_now())
        else:
            tags.take_off(tag, person.id)
    assert db.session.get_one(Tag, tag.id).name == BUILT_IN_NAMES[texting]
    assert db.session.scalar(select(ContactTag)) is None


@pytest.mark.parametrize("name", IMITATIONS)
def test_a_name_that_imitates_an_opt_out_tag_is_refused(name: str) -> None:
    with pytest.raises(InvalidError, match="looks like a built-in opt-out tag") as refusal:
        make(name, understood=True)
    assert refusal.value.field == "name"


@pytest.mark.parametrize("name", IMITATIONS)
def test_an_own_tag_cannot_be_renamed_into_an_imitation(name: str) -> None:
    tag = make("Will vote")
    with pytest.raises(InvalidError), transaction():
        tags.rename(tag, name, understood=True, by=None, now=utc_now())
    assert db.session.get_one(Tag, tag.id).name == "Will vote"


def test_a_risky_name_needs_to_be_understood() -> None:
    with pytest.raises(InvalidError, match="includes “stop”") as refusal:
        make("Stop sign petition")
    assert refusal.value.field == "understood"
    assert make("Stop sign petition", understood=True).name == "Stop sign petition"


def test_a_name_is_taken_once_however_it_is_written() -> None:
    make("Will vote")
    with pytest.raises(InvalidError, match="already a tag called “Will vote”"):
        make("  WILL   vote! ")


@pytest.mark.parametrize("name", ["", "   ", "!!!", "x" * 81])
def test_a_tag_needs_a_name_of_reasonable_length(name: str) -> None:
    with pytest.raises(InvalidError):
        make(name)


def test_two_people_who_choose_the_same_name_at_once_make_one_tag(app: Flask) -> None:
    home = factories.campaign().id
    together, refusals = threading.Barrier(4), []

    def choose() -> None:
        with app.app_context():
            together.wait()
            try:
                make("Will vote")
            except InvalidError as refusal:
                refusals.append(str(refusal))

    threads = [threading.Thread(target=choose) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert refusals == ["There is already a tag called “Will vote”."] * 3
    mine = select(func.count()).where(Tag.campaign_id == home, Tag.opts_out_of.is_(None))
    assert db.session.scalar(mine) == 1


def test_an_archived_tag_leaves_reports_and_frees_its_name() -> None:
    tag = make("Will vote")
    action = factories.action(launched=False)
    with transaction():
        db.session.add(ShownTag(action_id=action.id, tag_id=tag.id, position=1))
    with transaction():
        tags.archive(tag, by=None, now=utc_now())
    with transaction():
        tags.archive(tag, by=None, now=utc_now())

    assert tag not in tags.all_of(tag.campaign_id)
    assert db.session.get(ShownTag, (action.id, tag.id)) is None
    assert make("Will vote").id != tag.id
    assert events().count(Event.TAG_ARCHIVED) == 1


def test_the_same_name_again_leaves_no_entry() -> None:
    tag = make("Will vote")
    with transaction():
        tags.rename(tag, "Will vote", description="They say so", by=None, now=utc_now())
    assert Event.TAG_RENAMED not in events()
    assert db.session.get_one(Tag, tag.id).description == "They say so"


def test_a_tag_counts_the_contacts_who_carry_it() -> None:
    tag, person = make("Will vote"), factories.contact()
    with transaction():
        assert tags.apply(tag, person.id, by=None, now=utc_now())
        assert not tags.apply(tag, person.id, by=None, now=utc_now())
    assert db.session.get_one(Tag, tag.id).contacts == 1
    with transaction():
        assert tags.take_off(tag, person.id)
        assert not tags.take_off(tag, person.id)
    assert db.session.get_one(Tag, tag.id).contacts == 0
