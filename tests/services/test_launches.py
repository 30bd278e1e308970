"""Launching: Safeguard sorts the audience, once, chunk by chunk."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    CarrierBlock,
    Contact,
    Event,
    Number,
    OptOutSource,
    Reason,
    Recipient,
    RecipientState,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import (
    actions,
    audience,
    launches,
    numbers,
    optouts,
    recipients,
    report_settings,
    scripts,
)


def launch(action: Action, *, by: User | None = None, acknowledged: bool = False) -> None:
    with transaction():
        launches.launch(action, by=by, now=utc_now(), acknowledged=acknowledged)


def sort_all(action: Action, *, size: int | None = None) -> int:
    chunks = 0
    while True:
        with transaction():
            if not launches.sort_chunk(action, now=utc_now(), size=size):
                return chunks
        chunks += 1


def states(action: Action) -> dict[int, tuple[RecipientState, Reason | None]]:
    rows = db.session.scalars(select(Recipient).where(Recipient.action_id == action.id))
    return {row.contact_id: (row.state, row.reason) for row in rows}


def block(action: Action, contact: Contact) -> None:
    with transaction():
        db.session.add(
            CarrierBlock(
                number_id=action.number_id,
                contact_id=contact.id,
                campaign_id=action.campaign_id,
            )
        )


def events(action: Action) -> list[Event]:
    query = select(TrailEntry.event).where(
        TrailEntry.about == "action", TrailEntry.about_id == action.id
    )
    return list(db.session.scalars(query.order_by(TrailEntry.id)))


@pytest.mark.parametrize("texting", Texting)
def test_a_launch_leaves_out_those_who_opted_out_of_this_kind_of_texting(texting: Texting) -> None:
    other = next(kind for kind in Texting if kind is not texting)
    stays = factories.contact()
    gone = factories.contact(opted_out_of=texting)
    gone_elsewhere = factories.contact(opted_out_of=other)

    action = factories.action(stays, gone, gone_elsewhere, kind=ActionKind(texting))

    assert states(action) == {
        stays.id: (RecipientState.READY, None),
        gone.id: (RecipientState.SUPPRESSED, Reason.OPTED_OUT),
        gone_elsewhere.id: (RecipientState.READY, None),
    }


def test_each_person_is_left_out_for_one_reason_the_first_in_order() -> None:
    everything = factories.contact(opted_out_of=Texting.P2P, country="GB")
    blocked_abroad = factories.contact(country="GB")
    abroad = factories.contact(country="GB")
    fine = factories.contact()
    action = factories.action(everything, blocked_abroad, abroad, fine, launched=False)
    for person in (everything, blocked_abroad):
        block(action, person)

    seen = launches.preview(action)

    one_each = {Reason.OPTED_OUT: 1, Reason.CARRIER_BLOCK: 1, Reason.COUNTRY: 1}
    assert (seen.total, seen.ready, seen.suppressed) == (4, 1, one_each)
    listed = {why: recipients.page(action, why)[0] for why in (None, *Reason)}
    assert listed == {
        None: [fine],
        Reason.OPTED_OUT: [everything],
        Reason.NO_CONSENT: [],
        Reason.CARRIER_BLOCK: [blocked_abroad],
        Reason.COUNTRY: [abroad],
    }
    launch(action)
    sort_all(action)
    assert launches.receipt(action) == seen
    assert {why: recipients.page(action, why)[0] for why in (None, *Reason)} == listed


def test_a_preview_writes_nothing() -> None:
    action = factories.action(factories.contact(), launched=False)
    launches.preview(action)
    assert states(action) == {}
    assert db.session.get_one(ActionTally, action.id).total == 0


def test_the_people_behind_a_number_are_paged_by_key() -> None:
    people = [factories.contact() for _ in range(5)]
    action = factories.action(*people, launched=False)
    first, after = recipients.page(action, None, size=2)
    second, then = recipients.page(action, None, after=after or 0, size=2)
    third, end = recipients.page(action, None, after=then or 0, size=2)
    assert first + second + third == people and end is None


def test_a_launch_in_small_chunks_ends_live_with_the_same_counts() -> None:
    people = [factories.contact() for _ in range(7)]
    gone = [factories.contact(opted_out_of=Texting.P2P) for _ in range(3)]
    action = factories.action(*people, *gone, launched=False)
    expected = launches.preview(action)
    launch(action)
    assert db.session.get_one(Action, action.id).state is ActionState.LAUNCHING

    assert sort_all(action, size=3) == 4

    assert db.session.get_one(Action, action.id).state is ActionState.LIVE
    assert launches.receipt(action) == expected
    assert len(states(action)) == 10


def test_a_person_on_two_lists_is_texted_once() -> None:
    person = factories.contact()
    action = factories.action(launched=False)
    with transaction():
        audience.choose(action, [factories.contact_list(person), factories.contact_list(person)])
    launch(action)
    sort_all(action)
    assert launches.receipt(action).total == 1


def test_of_people_who_press_launch_at_once_one_launches(app: Flask) -> None:
    action_id = factories.action(factories.contact(), launched=False).id
    together, outcomes = threading.Barrier(6), []

    def press() -> None:
        with app.app_context():
            action = db.session.get_one(Action, action_id)
            together.wait()
            try:
                launch(action)
                outcomes.append("launched")
            except ConflictError:
                outcomes.append("refused")

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert sorted(outcomes) == ["launched"] + ["refused"] * 5
    assert events(db.session.get_one(Action, action_id)).count(Event.LAUNCHED) == 1


def test_launching_without_a_way_to_record_opt_outs_has_to_be_acknowledged() -> None:
    maya, action = factories.admin(), factories.action(factories.contact(), launched=False)
    with transaction():
        own = report_settings.opt_out_tag(action)
        report_settings.hide_tag(action, own, by=maya, now=utc_now())
    with pytest.raises(InvalidError, match="can't record opt-outs") as refusal:
        launch(action, by=maya)
    assert refusal.value.field == "acknowledge"
    assert db.session.get_one(Action, action.id).state is ActionState.DRAFT

    launch(action, by=maya, acknowledged=True)

    assert db.session.get_one(Action, action.id).without_opt_out_tag_by == maya.id
    assert events(action)[-2:] == [Event.LAUNCHED_WITHOUT_OPT_OUT_TAG, Event.LAUNCHED]


def test_nothing_is_launched_when_nobody_can_be_texted() -> None:
    action = factories.action(factories.contact(opted_out_of=Texting.P2P), launched=False)
    with pytest.raises(InvalidError, match="Nobody in this list can be texted"):
        launch(action)


def test_nothing_is_launched_without_list_script_and_number() -> None:
    with transaction():
        home = factories.the_campaign()
        action = actions.draft(home, ActionKind.P2P, "Early vote", by=None, now=utc_now())
    assert len(launches.problems(action, now=utc_now())) == 3
    with pytest.raises(InvalidError):
        launch(action)


def test_nothing_is_launched_from_a_number_that_was_retired() -> None:
    action = factories.action(factories.contact(), launched=False)
    with transaction():
        numbers.retire(db.session.get_one(Number, action.number_id), by=None, now=utc_now())
    with pytest.raises(InvalidError, match="retired"):
        launch(action)


def test_after_the_launch_audience_and_first_text_stay() -> None:
    action = factories.action(factories.contact())
    with pytest.raises(RefusedError), transaction():
        audience.choose(action, [])
    with pytest.raises(RefusedError), transaction():
        scripts.set_scripts(action, ["Something else. Reply STOP to opt out."])


def test_an_opt_out_after_the_launch_moves_the_person_in_the_receipt() -> None:
    stays, leaves = factories.contact(), factories.contact()
    action = factories.action(stays, leaves)
    with transaction():
        optouts.record(leaves, Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    receipt = launches.receipt(action)
    assert (receipt.total, receipt.ready, receipt.suppressed) == (2, 1, {Reason.OPTED_OUT: 1})
    assert db.session.get_one(ActionTally, action.id).skipped == 1
    assert recipients.page(action, Reason.OPTED_OUT)[0] == [leaves]


def test_an_action_cannot_be_finished_while_it_launches() -> None:
    action = factories.action(factories.contact(), launched=False)
    launch(action)
    with pytest.raises(ConflictError), transaction():
        actions.finish(action, by=None, now=utc_now())


@pytest.mark.parametrize("paused_first", [False, True])
def test_an_action_is_finished_once(paused_first: bool) -> None:
    action = factories.action(factories.contact())
    if paused_first:
        with transaction():
            assert actions.pause(action, by=None, now=utc_now())
    for expected in (True, False):
        with transaction():
            assert actions.finish(action, by=None, now=utc_now()) is expected
    assert db.session.get_one(Action, action.id).state is ActionState.FINISHED


def test_what_a_text_lacks_is_counted_among_those_who_will_be_texted() -> None:
    home = factories.campaign(fallbacks={"first_name": "there"})
    named = factories.contact(of=home, fields={"precinct": "7"})
    nameless = factories.contact(of=home, first_name="", fields={"precinct": " "})
    gone = factories.contact(of=home, first_name="", opted_out_of=Texting.P2P)
    action = factories.action(named, nameless, gone, launched=False)
    with transaction():
        text = "Hi {first_name} {last_name} of precinct {precinct}. Reply STOP to opt out."
        scripts.set_scripts(action, [text])

    missing = recipients.missing_values(action)

    assert [(one.variable, one.people, one.fallback) for one in missing] == [
        ("first_name", 1, "there"),
        ("precinct", 1, None),
    ]
