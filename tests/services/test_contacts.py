"""Contacts are found however they are written, and deleted as people, not as numbers."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from tests import factories
from tests.services.importing import bring_in
from tests.services.scenes import MINUTE, NOW, text_in
from tests.services.talks import Talk
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    CarrierBlock,
    Contact,
    ContactList,
    Direction,
    Event,
    Hinted,
    Message,
    MessageKind,
    MessageState,
    NumberKind,
    OptOutSource,
    Reason,
    Recipient,
    RecipientState,
    Tag,
    Texting,
    TrailEntry,
)
from webapp.services import (
    contact_search,
    contact_standing,
    contacts,
    lists,
    optouts,
    tags,
    timeline,
)
from webapp.services.contact_search import Wanted
from webapp.services.contacts import Person
from webapp.texting import phones

DANA = "+13125550142"


def found(text: str = "", **wanted: object) -> list[str]:
    """The names that a search shows."""
    page = contact_search.page(factories.the_campaign().id, Wanted(text, **wanted))  # type: ignore[arg-type]
    return [contact.name for contact in page.contacts]


def person(name: str, phone: str = "", **values: object) -> Contact:
    first, _, last = name.partition(" ")
    more = {"phone": phone} if phone else {}
    return factories.contact(first_name=first, last_name=last, **more, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed",
    ["Dana", "dana", "whitfield", "Whit", "dana whit", "Whitfield Dana", "DANA  WHITFIELD", "d"],
)
def test_a_contact_is_found_by_either_name_in_either_order(typed: str) -> None:
    person("Dana Whitfield")
    person("Ana Ruiz")

    assert found(typed) == ["Dana Whitfield"]


@pytest.mark.parametrize("typed", ["nunez", "Núñez", "NUÑEZ", "jose nunez", "o'bri", "de la"])
def test_accents_case_and_punctuation_do_not_matter(typed: str) -> None:
    person("José Núñez")
    person("Ann O’Brien")
    person("Eva De La Cruz")

    assert len(found(typed)) == 1


@pytest.mark.parametrize(
    "typed",
    ["(312) 555-0142", "+1 312 555 0142", "3125550142", "312 555", "555-0142", "0142", "1312555"],
)
def test_a_contact_is_found_by_every_way_of_writing_the_phone(typed: str) -> None:
    person("Dana Whitfield", DANA)
    person("Ana Ruiz", "+17735550101")

    assert found(typed) == ["Dana Whitfield"]


@pytest.mark.parametrize("typed", ["zzz", "%", "_", "'; DROP", "99", "\U0001f6d1", "555-0199"])
def test_what_nobody_is_called_finds_nobody(typed: str) -> None:
    person("Dana Whitfield", DANA)

    assert found(typed) == []


def test_nobody_of_another_campaign_is_found() -> None:
    factories.the_campaign()
    other = factories.campaign()
    person("Dana Whitfield", DANA, of=other)

    assert found("Dana") == found(DANA) == found() == []


def test_pages_go_from_the_newest_to_the_oldest_without_gaps() -> None:
    home = factories.the_campaign()
    with transaction():
        people = [person(f"N{n} X", f"+1312555{100 + n:04}") for n in range(7)]
        ids = [one.id for one in people]

    seen: list[int] = []
    after: int | None = None
    while True:
        page = contact_search.page(home.id, Wanted(), after=after, size=3)
        seen += [contact.id for contact in page.contacts]
        after = page.after
        if after is None:
            break

    assert seen == sorted(ids, reverse=True)
    assert [one.id for step in contact_search.everybody(home.id, Wanted()) for one in step] == ids


def test_a_search_with_too_many_results_says_so() -> None:
    with transaction():
        for n in range(4):
            person(f"Dana N{n}", f"+1312555{100 + n:04}")

    page = contact_search.page(factories.the_campaign().id, Wanted("dana"), size=3)

    assert (len(page.contacts), page.is_cut, page.after) == (3, True, None)


def test_contacts_are_narrowed_by_tag_list_and_who_can_be_texted() -> None:
    tag = factories.tag("Wants a sign")
    dana, ana = person("Dana W"), person("Ana R", opted_out_of=Texting.P2P)
    person("Bo Lee", subscribed="", subscribed_at=None)
    person("Eva GB", country="GB")
    with transaction():
        tags.apply(tag, dana.id, by=None, now=utc_now())
    chosen = factories.contact_list(dana, ana)

    assert found(tag_id=tag.id) == ["Dana W"]
    assert found(list_id=chosen.id) == ["Ana R", "Dana W"]
    assert found(can_get=Texting.P2P) == ["Bo Lee", "Dana W"]
    assert found(can_get=Texting.BROADCAST) == ["Ana R", "Dana W"]
    assert found(list_id=chosen.id, can_get=Texting.P2P) == ["Dana W"]
    assert found("ana", list_id=chosen.id, tag_id=tag.id) == []
    assert found("dana", list_id=chosen.id, tag_id=tag.id) == ["Dana W"]


@pytest.mark.parametrize(
    "statement",
    [
        contact_search._by_name("", "ruiz"),
        contact_search._by_name("ana", ""),
        contact_search._by_digits("312555")[0],
    ],
)
def test_a_search_walks_an_index(statement: object) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("The plan of an empty PostgreSQL table says nothing.")
    query = statement.where(Contact.campaign_id == 1).limit(51)  # type: ignore[attr-defined]
    sql = query.compile(db.engine, compile_kwargs={"literal_binds": True})

    plan = "\n".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))

    assert "SCAN" not in plan and ("_key>" in plan or "phone>" in plan), plan


def test_one_contact_is_added_by_hand_and_not_twice() -> None:
    home = factories.the_campaign()
    with transaction():
        made = contacts.add(
            home.id, "312.555.0142", Person("Dana", "Whitfield", "illinois"), now=utc_now()
        )
    assert (made.phone, made.state, made.zones) == (DANA, "IL", "America/Chicago")
    assert made.subscribed_at is None

    with transaction(), pytest.raises(InvalidError, match="has this number already") as refusal:
        contacts.add(home.id, "(312) 555-0142", Person("D"), now=utc_now())
    assert refusal.value.field == "phone"
    with transaction(), pytest.raises(InvalidError, match="is too short"):
        contacts.add(home.id, "555", Person("D"), now=utc_now())
    with transaction(), pytest.raises(InvalidError, match="two letters"):
        contacts.add(home.id, "3125550143", Person(state="Nowhere"), now=utc_now())


def test_someone_known_by_the_number_alone_gets_the_name_and_stays_opted_out() -> None:
    home = factories.the_campaign()
    there = factories.contact(
        phone=DANA, first_name="", last_name="", opted_out_of=Texting.BROADCAST
    )

    with transaction():
        made = contacts.add(home.id, DANA, Person("Dana", subscribed="Rally"), now=utc_now())

    assert (made.id, made.first_name, made.first_key) == (there.id, "Dana", "dana")
    assert not optouts.standing(made)[Texting.BROADCAST].may_be_texted


def test_an_empty_consent_takes_none_away() -> None:
    dana = factories.contact(subscribed="Web form")

    with transaction():
        contacts.change(db.session.get_one(Contact, dana.id), Person("Dana"), now=utc_now())

    assert db.session.get_one(Contact, dana.id).subscribed == "Web form"


def test_deleting_a_contact_keeps_the_number_and_its_opt_outs() -> None:
    tag = factories.tag("Wants a sign")
    dana = factories.contact(phone=DANA, opted_out_of=Texting.P2P, fields={"ward": "25"})
    chosen = factories.contact_list(dana)
    admin = factories.admin()
    with transaction():
        tags.apply(tag, dana.id, by=None, now=utc_now())

    with transaction():
        row = db.session.get_one(Contact, dana.id)
        contacts.forget(row, bodies=True, by=admin, now=utc_now())

    gone = db.session.scalars(select(Contact)).one()
    assert (gone.phone, gone.name, gone.fields, gone.subscribed_at) == (DANA, "", {}, None)
    assert found("dana") == []
    assert [one.name for one in contacts.tags_of([gone.id])[gone.id]] == ["Opt Out (P2P)"]
    assert db.session.get_one(ContactList, chosen.id).size == 0
    assert db.session.get_one(Tag, tag.id).contacts == 0
    entry = db.session.scalars(
        select(TrailEntry).where(TrailEntry.event == Event.CONTACT_DELETED)
    ).one()
    assert (entry.contact_id, entry.by_user_id) == (gone.id, admin.id)


def test_a_deleted_contact_leaves_the_audience_of_a_running_action() -> None:
    home = factories.the_campaign()
    dana = factories.contact()
    with transaction():
        action = Action(
            campaign_id=home.id, kind=ActionKind.P2P, name="Doors", state=ActionState.LIVE
        )
        db.session.add(action)
        db.session.flush()
        action_id = action.id
        db.session.add(ActionTally(action_id=action_id, total=1, ready=1))
        db.session.add(
            Recipient(action_id=action_id, contact_id=dana.id, state=RecipientState.READY)
        )

    with transaction():
        row = db.session.get_one(Contact, dana.id)
        contacts.forget(row, bodies=False, by=None, now=utc_now())

    assert db.session.scalars(select(Recipient)).all() == []
    counts = db.session.get_one(ActionTally, action_id)
    assert (counts.total, counts.ready) == (0, 0)


def test_the_first_reason_against_texting_is_told() -> None:
    number = factories.number(kind=NumberKind.BROADCAST)
    dana = factories.contact(country="GB")
    assert [one.reason for one in contact_standing.verdicts(dana).values()] == [
        Reason.COUNTRY,
        Reason.COUNTRY,
    ]
    with transaction():
        db.session.add(
            CarrierBlock(number_id=number.id, contact_id=dana.id, campaign_id=number.campaign_id)
        )
    verdicts = contact_standing.verdicts(dana)
    assert verdicts[Texting.P2P].reason is Reason.COUNTRY
    assert verdicts[Texting.BROADCAST].reason is Reason.CARRIER_BLOCK
    assert [one.id for one in verdicts[Texting.BROADCAST].blocked_by] == [number.id]

    bo = factories.contact(subscribed="", subscribed_at=None)
    verdicts = contact_standing.verdicts(bo)
    assert verdicts[Texting.P2P].can_text
    assert verdicts[Texting.BROADCAST].reason is Reason.NO_CONSENT


def test_the_timeline_tells_who_opted_out_and_who_lifted_it() -> None:
    admin = factories.admin(name="Maya Okafor")
    dana = factories.contact(phone=DANA, first_name="Dana")
    now = utc_now()
    with transaction():
        row = db.session.get_one(Contact, dana.id)
        optouts.record(row, Texting.P2P, source=OptOutSource.ADMIN, by=admin, now=now)
    with transaction():
        row = db.session.get_one(Contact, dana.id)
        optouts.lift(
            row,
            Texting.P2P,
            reason="Dana called and asked",
            agreed="called",
            by=admin,
            now=now + timedelta(minutes=5),
        )

    moments = timeline.of(db.session.get_one(Contact, dana.id))

    assert [(moment.what, moment.by, moment.text) for moment in moments] == [
        ("Opt Out (P2P) removed", "Maya Okafor", "Dana called and asked"),
        ("Opt Out (P2P) added", "Maya Okafor", ""),
    ]


def test_the_timeline_names_the_action_that_was_answered_and_the_number_that_lifted() -> None:
    talk = Talk()
    talk.hears("STOP")
    stop = timeline.of(db.session.get_one(Contact, talk.contact.id))[0]
    assert (stop.what, stop.how) == (
        "Opt Out (P2P) added",
        f"with a stop word to “{talk.action.name}”",
    )

    with transaction():
        row = db.session.get_one(Contact, talk.contact.id)
        optouts.record(row, Texting.BROADCAST, source=OptOutSource.ADMIN, now=utc_now())
    text_in(talk.contact, talk.number, "JOIN", now=NOW + 10 * MINUTE)
    moments = timeline.of(db.session.get_one(Contact, talk.contact.id))
    lifted = next(one for one in moments if one.what == "Opt Out (Broadcast) removed")
    assert lifted.how == f"with an opt-in keyword to {phones.pretty(talk.number.phone)}"


def test_the_timeline_tells_of_imports_texts_hints_and_safeguard(tmp_path: Path) -> None:
    bring_in(tmp_path, "phone,first_name\n3125550142,Dana\n", subscribed="Rally, May 3")
    dana = db.session.scalars(select(Contact)).one()
    number = factories.number()
    now = utc_now()
    with transaction():
        action = Action(
            campaign_id=dana.campaign_id,
            kind=ActionKind.BROADCAST,
            name="Early vote",
            state=ActionState.LIVE,
            launched_at=now,
        )
        db.session.add(action)
        db.session.flush()
        skipped = {"state": RecipientState.SUPPRESSED, "reason": Reason.OPTED_OUT}
        db.session.add(Recipient(action_id=action.id, contact_id=dana.id, **skipped))
        shared = {"campaign_id": dana.campaign_id, "contact_id": dana.id, "number_id": number.id}
        shared |= {"texting": Texting.P2P}
        first = {"direction": Direction.OUT, "kind": MessageKind.FIRST}
        heard = {"direction": Direction.IN, "kind": MessageKind.INBOUND}
        received = MessageState.RECEIVED
        db.session.add_all(
            [
                Message(**shared, **first, state=MessageState.DELIVERED, body="Hi Dana"),
                Message(**shared, **heard, state=received, body="leave me be", hint=Hinted.OPEN),
                Message(**shared, **heard, state=received, body="Sunny day"),
            ]
        )

    moments = timeline.of(db.session.get_one(Contact, dana.id))

    assert {(moment.what, moment.text) for moment in moments} == {
        ("Imported from “voters.csv” to “Ward 25”", "Signed up for broadcasts: Rally, May 3"),
        ("Safeguard left Dana out of “Early vote”: opted out", ""),
        ("First text", "Hi Dana"),
        ("Reply looked like a request to stop", "leave me be"),
    }


def test_a_list_under_import_is_not_archived() -> None:
    busy = factories.contact_list(is_ready=False)
    done = factories.contact_list()
    with transaction():
        with pytest.raises(ConflictError):
            lists.archive(db.session.get_one(ContactList, busy.id), now=utc_now())
        assert lists.archive(db.session.get_one(ContactList, done.id), now=utc_now())
        assert not lists.archive(db.session.get_one(ContactList, done.id), now=utc_now())
    assert [one.id for one in lists.all_of(busy.campaign_id)] == [busy.id]
