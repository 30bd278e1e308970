"""Making campaigns, their settings and their numbers."""

import pytest
from sqlalchemy import select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError
from webapp.models import Actor, Answerer, Event, NumberKind, Tag, Texting, TrailEntry
from webapp.services import campaigns, numbers
from webapp.texting import segments

NOW = utc_now()


def create(name: str = "Rivera for Council", **values):
    with transaction():
        return campaigns.create(name, now=NOW, **values)


def events() -> list[Event]:
    return list(db.session.scalars(select(TrailEntry.event).order_by(TrailEntry.id)))


def test_a_campaign_begins_with_both_opt_out_tags() -> None:
    campaign = create()

    tags = db.session.scalars(select(Tag).where(Tag.campaign_id == campaign.id)).all()
    assert {tag.opts_out_of for tag in tags} == set(Texting)
    assert campaign.slug == "rivera-for-council"
    assert (str(campaign.hours), campaign.time_zone) == ("09:00-21:00", "America/New_York")
    assert events() == [Event.CAMPAIGN_CREATED]


@pytest.mark.parametrize(
    ("name", "slug"),
    [("  Peña & Söhne!  ", "pena-sohne"), ("選挙", "campaign"), ("a" * 80, "a" * 55)],
)
def test_a_slug_is_made_of_the_name(name: str, slug: str) -> None:
    assert create(name).slug == slug


def test_a_slug_is_made_unique_and_one_that_was_given_is_not() -> None:
    assert [create().slug for _ in range(3)] == [
        "rivera-for-council",
        "rivera-for-council-2",
        "rivera-for-council-3",
    ]
    with pytest.raises(ConflictError):
        create(slug="rivera-for-council")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Rivera"),
        ("slug", "a--b"),
        ("slug", "-a"),
        ("slug", "a/b"),
        ("slug", "a" * 61),
        ("name", ""),
        ("name", "a" * 81),
        ("name", "a\x00b"),
        ("organization", "o" * 81),
        ("time_zone", "Chicago"),
        ("time_zone", "../etc/passwd"),
        ("time_zone", ""),
        ("hours", "9-5"),
        ("hours", "21:00-09:00"),
        ("hours", "09:00-25:00"),
    ],
)
def test_what_cannot_be_used_names_its_field(field: str, value: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        create(**{"name": "Rivera", field: value})
    assert refusal.value.field == field
    assert events() == []


def test_the_default_texts_fit_and_stay_plain() -> None:
    """One text each, and the confirmation asks for nothing (47 CFR 64.1200(a)(12))."""
    for text in campaigns.default_texts("Rivera for City Council 2026").values():
        parts = segments.count(text)
        assert (parts.parts, parts.encoding) == (1, "GSM-7")


def test_settings_are_changed_one_by_one_and_named_in_the_trail() -> None:
    campaign, owner = create(), factories.owner()
    with transaction():
        changed = campaigns.change(
            campaign,
            hours="00:00-24:00",
            one_opt_out_stops_both=True,
            recontact_lock_hours=6,
            goodbye_text="  We’ll stop.  ",
            by=owner,
            now=NOW,
        )

    assert campaign.hours.always and campaign.one_opt_out_stops_both
    assert (campaign.recontact_lock_hours, campaign.goodbye_text) == (6, "We'll stop.")
    assert sorted(changed) == [
        "closes_minute",
        "goodbye_text",
        "one_opt_out_stops_both",
        "opens_minute",
        "recontact_lock_hours",
    ]
    entry = db.session.scalars(select(TrailEntry).order_by(TrailEntry.id.desc())).first()
    assert entry is not None
    assert (entry.event, entry.by_user_id) == (Event.CAMPAIGN_CHANGED, owner.id)
    assert sorted(entry.details["settings"]) == sorted(changed)


def test_the_same_settings_again_change_nothing() -> None:
    campaign = create()
    with transaction():
        assert campaigns.change(campaign, now=NOW) == []
        assert campaigns.change(campaign, name=campaign.name, hours="9:00-21:00", now=NOW) == []
    assert events() == [Event.CAMPAIGN_CREATED]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recontact_lock_hours", -1),
        ("recontact_lock_hours", 337),
        ("help_text", ""),
        ("confirmation_text", "c" * 301),
        ("name", " "),
        ("hours", "noon"),
        ("time_zone", "Mars"),
    ],
)
def test_a_wrong_setting_changes_nothing_at_all(field: str, value: object) -> None:
    campaign = create()
    with pytest.raises(InvalidError) as refusal, transaction():
        campaigns.change(campaign, **{"organization": "New", field: value, "now": NOW})
    assert refusal.value.field == field
    db.session.refresh(campaign)
    assert campaign.organization == "Rivera for Council"


def add(phone: str, kind: NumberKind = NumberKind.BOTH, **values):
    with transaction():
        return numbers.add(factories.the_campaign(), phone, kind, now=NOW, **values)


def test_a_number_is_added_once_however_it_is_written() -> None:
    number, changed = add("(312) 555-0142")
    assert (number.phone, changed) == ("+13125550142", True)
    assert add("+1 312-555-0142") == (number, False)
    assert numbers.all_of(factories.the_campaign()) == [number]
    assert events() == [Event.NUMBER_ADDED]


def test_adding_it_with_another_kind_changes_it() -> None:
    number, _ = add("+13125550142")
    assert add("+13125550142", NumberKind.P2P, confirmation_by=Answerer.HEED) == (number, True)
    assert (number.kind, number.confirmation_by) == (NumberKind.P2P, Answerer.HEED)


def test_a_retired_number_is_not_offered_and_comes_back_when_added() -> None:
    number, _ = add("+13125550142")
    with transaction():
        assert numbers.retire(number, by=factories.owner(), now=NOW)
        assert not numbers.retire(number, by=None, now=NOW)
    campaign = factories.the_campaign()
    assert numbers.all_of(campaign) == []
    assert numbers.all_of(campaign, retired=True) == [number]
    assert add("+13125550142") == (number, True)
    assert numbers.all_of(campaign) == [number]


@pytest.mark.parametrize("phone", ["", "12", "hello", "+1 312 555 01"])
def test_what_is_no_number_is_refused_with_the_reason(phone: str) -> None:
    with pytest.raises(InvalidError, match=r"\.$") as refusal:
        add(phone)
    assert refusal.value.field == "phone"


def test_somebody_on_the_host_is_named_as_such_in_the_trail() -> None:
    add("+13125550142", actor=Actor.HOST)
    assert db.session.scalars(select(TrailEntry.actor)).one() is Actor.HOST
