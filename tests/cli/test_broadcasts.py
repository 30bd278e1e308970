"""`actions` on broadcasts as a shell runs it: create, schedule, launch, pause, resume, finish."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.shell import Shell
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionState,
    ActionTally,
    Actor,
    Campaign,
    Event,
    Texting,
    TrailEntry,
)
from webapp.services import alarms, schedules, scripts

TEXT = "Hi {first_name}, the rally is on Saturday. Reply STOP to opt out."


@pytest.fixture
def home() -> Campaign:
    made = factories.campaign(slug="rivera")
    factories.number()
    people = [factories.contact() for _ in range(2)]
    unasked = factories.contact(subscribed_at=None)
    gone = factories.contact(opted_out_of=Texting.BROADCAST)
    factories.contact_list(*people, unasked, gone, name="Subscribers")
    return made


@pytest.fixture
def action_id(heed: Shell, home: Campaign) -> str:
    words = ["actions", "create", "rivera", "--kind", "broadcast", "--name", "Rally"]
    return str(heed.json(*words, "--list", "Subscribers", "--script", TEXT)["id"])


def found(action_id: str) -> Action:
    db.session.rollback()
    return db.session.get_one(Action, int(action_id), populate_existing=True)


def on(heed: Shell, verb: str, action_id: str, *more: str) -> dict[str, Any]:
    answer = heed.json("actions", verb, "rivera", action_id, *more)
    assert isinstance(answer, dict)
    return answer


def soon(**delta: float) -> str:
    moment = utc_now().replace(microsecond=0) + timedelta(**(delta or {"hours": 3}))
    return moment.isoformat()


def last(event: Event) -> TrailEntry:
    query = select(TrailEntry).where(TrailEntry.event == event).order_by(TrailEntry.id.desc())
    return db.session.scalars(query.limit(1)).one()


def test_a_broadcast_has_the_keys_of_every_action(heed: Shell, action_id: str) -> None:
    facts = on(heed, "preview", action_id)
    assert (facts["kind"], facts["state"]) == ("broadcast", "draft")
    assert (facts["total"], facts["ready"]) == (4, 2)
    assert facts["suppressed"] == {
        "opted_out": 1,
        "no_consent": 1,
        "carrier_block": 0,
        "country": 0,
    }
    assert (facts["starts_at"], facts["alarm"]) == (None, "")


def test_the_texters_name_is_refused_in_its_text(heed: Shell, home: Campaign) -> None:
    words = ["actions", "create", "rivera", "--kind", "broadcast", "--name", "Rally"]
    done = heed.run(*words, "--list", "Subscribers", "--script", "It's {texter_name}")
    assert done.returncode == 1 and "No texter sends this text" in done.stderr


def test_it_is_launched_paused_resumed_and_finished(heed: Shell, action_id: str) -> None:
    assert "--yes" in heed.run("actions", "launch", "rivera", action_id).stderr
    facts = on(heed, "launch", action_id, "--yes")
    assert (facts["state"], facts["ready"], facts["changed"]) == ("live", 2, True)
    assert on(heed, "launch", action_id, "--yes")["changed"] is False
    states = [on(heed, verb, action_id)["state"] for verb in ("pause", "resume", "finish")]
    assert states == ["paused", "live", "finished"]


def test_after_heed_paused_it_a_reason_is_needed(heed: Shell, action_id: str) -> None:
    on(heed, "launch", action_id, "--yes")
    with transaction():
        counts = update(ActionTally).where(ActionTally.action_id == int(action_id))
        db.session.execute(counts.values(sent=200, opt_outs=6))
    with transaction():
        alarms.ring(found(action_id), now=utc_now())
    facts = on(heed, "show", action_id)
    assert facts["state"] == "paused" and facts["alarm"].startswith("Opt-outs reached 3.0%")
    assert "Heed says: Opt-outs" in heed.run("actions", "show", "rivera", action_id).stdout
    refused = heed.run("actions", "resume", "rivera", action_id)
    assert refused.returncode == 1 and "at least 10 characters" in refused.stderr
    facts = on(heed, "resume", action_id, "--reason", "Looked at every reply")
    assert (facts["state"], facts["alarm"]) == ("live", "")
    assert last(Event.RESUMED).details == {"reason": "Looked at every reply"}


def test_it_is_scheduled_once_changed_and_taken_back(heed: Shell, action_id: str) -> None:
    at = soon()
    facts = on(heed, "schedule", action_id, "--at", at, "--yes")
    assert (facts["state"], facts["changed"], facts["ready"]) == ("scheduled", True, 2)
    assert datetime.fromisoformat(facts["starts_at"]) == datetime.fromisoformat(at)
    assert last(Event.SCHEDULED).actor is Actor.HOST
    assert on(heed, "schedule", action_id, "--at", at, "--yes")["changed"] is False
    later = on(heed, "schedule", action_id, "--at", soon(hours=5), "--yes")
    assert later["changed"] is True and later["starts_at"] != facts["starts_at"]
    assert "Goes out" in heed.run("actions", "show", "rivera", action_id).stdout
    taken = on(heed, "unschedule", action_id)
    assert (taken["state"], taken["starts_at"], taken["changed"]) == ("draft", None, True)
    assert on(heed, "unschedule", action_id)["changed"] is False


def test_the_time_is_written_with_its_offset(heed: Shell, action_id: str) -> None:
    words = ["actions", "schedule", "rivera", action_id, "--yes", "--at"]
    for written, said in (
        ("tomorrow", "is no time"),
        ("2090-05-05T16:00", "offset from UTC"),
        ("2090-05-05T16:00-05:00", "90 days ahead"),
        ("2020-05-05T16:00Z", "still to come"),
    ):
        done = heed.run(*words, written)
        assert (done.returncode, done.stdout) == (1, "") and said in done.stderr
        assert done.stderr.count("\n") == 1
    assert "--yes" in heed.run(*words[:4], "--at", soon()).stderr
    assert found(action_id).state is ActionState.DRAFT


def test_a_scheduled_one_can_be_launched_at_once(heed: Shell, action_id: str) -> None:
    on(heed, "schedule", action_id, "--at", soon(), "--yes")
    assert on(heed, "launch", action_id, "--yes")["state"] == "live"


def test_what_was_kept_back_says_why(heed: Shell, action_id: str) -> None:
    on(heed, "schedule", action_id, "--at", soon(), "--yes")
    with transaction():
        schedules.start(int(action_id), now=utc_now() + timedelta(hours=9))
    facts = on(heed, "show", action_id)
    assert facts["state"] == "draft" and "It was not sent as scheduled." in facts["alarm"]


def test_a_peer_to_peer_action_is_not_scheduled(heed: Shell, home: Campaign) -> None:
    words = ["actions", "create", "rivera", "--kind", "p2p", "--name", "Call"]
    made = heed.json(*words, "--list", "Subscribers", "--script", TEXT)["id"]
    done = heed.run("actions", "schedule", "rivera", str(made), "--at", soon(), "--yes")
    assert done.returncode == 1 and "Only a broadcast can be scheduled" in done.stderr


@pytest.mark.parametrize("typed", ["Ra\x1b[31mlly", "Ra\x07lly", "Ra\udcfflly"])
def test_a_name_and_a_text_are_kept_without_control_characters(
    heed: Shell, home: Campaign, typed: str
) -> None:
    words = ["actions", "create", "rivera", "--kind", "broadcast", "--name", typed]
    made = heed.json(*words, "--list", "Subscribers", "--script", f"{typed}. Reply STOP to quit.")
    seen = typed.replace("\x1b", "").replace("\x07", "").replace("\udcff", "")
    action = found(str(made["id"]))
    assert action.name == seen
    assert scripts.of(action)[0].body == f"{seen}. Reply STOP to quit."


def test_an_action_without_a_visible_name_or_text_is_refused(heed: Shell, home: Campaign) -> None:
    words = ["actions", "create", "rivera", "--kind", "broadcast", "--list", "Subscribers"]
    done = heed.run(*words, "--name", "\x07\u200b", "--script", TEXT)
    assert (done.returncode, done.stderr) == (1, "Give the action a name.\n")
