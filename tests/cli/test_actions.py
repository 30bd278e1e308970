"""`actions` as a shell runs it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.shell import Shell
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionState, Campaign, Event, OptOutSource, Texting, TrailEntry
from webapp.services import actions as rules
from webapp.services import audience, launches, optouts, report_settings, scripts

SCRIPT = "Hi {first_name}, vote on Tuesday. Reply STOP to opt out."
STATES = (
    *("queued", "claimed", "sending", "sent", "delivered", "undelivered"),
    *("failed", "unknown", "cancelled"),
)


@pytest.fixture
def home() -> Campaign:
    made = factories.campaign(slug="rivera")
    factories.number()
    people = [factories.contact() for _ in range(3)]
    factories.contact_list(*people, factories.contact(opted_out_of=Texting.P2P), name="Ward 25")
    return made


def create(heed: Shell, *more: str) -> int:
    words = ["actions", "create", "rivera", "--kind", "p2p", "--name", "Early vote"]
    made = heed.json(*words, "--list", "Ward 25", "--script", SCRIPT, *more)
    return int(made["id"])


def adds_up(facts: dict[str, Any]) -> bool:
    counted = ("ready", "claimed", "sending", "sent", "failed", "unknown", "cancelled")
    total: int = sum(facts[name] for name in counted) + sum(facts["suppressed"].values())
    return total == facts["total"]


def launch(heed: Shell, action_id: int, *more: str) -> dict[str, Any]:
    answer = heed.json("actions", "launch", "rivera", str(action_id), "--yes", *more)
    assert isinstance(answer, dict)
    return answer


def state(action_id: int) -> ActionState:
    return db.session.get_one(Action, action_id).state


def test_a_draft_is_made_and_its_id_printed(heed: Shell, home: Campaign) -> None:
    jordan = factories.texter()
    action_id = create(heed, "--texters", f"{jordan.email}", "--script", "Again. STOP to quit")
    made = db.session.get_one(Action, action_id)
    assert (made.name, made.state, made.all_texters) == ("Early vote", ActionState.DRAFT, False)
    assert rules.texters_of(made) == [jordan]
    assert [one.body for one in scripts.of(made)] == [SCRIPT, "Again. STOP to quit"]
    words = ["actions", "create", "rivera", "--kind", "p2p", "--name", "X"]
    plain = heed.run(*words, "--list", "Ward 25", "--script", SCRIPT)
    assert plain.stdout == f"{action_id + 1}\n"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"--kind": "automated"}, 2),
        ({"--list": "Nobody"}, 1),
        ({"--script": "Hi {first_nam}"}, 1),
        ({"--name": " "}, 1),
        ({"--from": "Tuesday"}, 1),
        ({"--from": "2090-12-04", "--until": "2090-12-01"}, 1),
        ({"--kind": "broadcast", "--until": "2090-12-01"}, 2),
        ({"--texters": "nobody@example.org"}, 1),
    ],
)
def test_a_draft_that_cannot_be_made_leaves_nothing(
    heed: Shell, home: Campaign, changed: dict[str, str], code: int
) -> None:
    given = {"--kind": "p2p", "--name": "X", "--list": "Ward 25", "--script": SCRIPT} | changed
    words = [word for pair in given.items() for word in pair]
    done = heed.run("actions", "create", "rivera", *words)
    assert (done.returncode, done.stdout) == (code, "") and done.stderr
    assert code == 2 or done.stderr.count("\n") == 1
    assert db.session.scalar(select(func.count()).select_from(Action)) == 0


def test_the_preview_adds_up_and_writes_nothing(heed: Shell, home: Campaign) -> None:
    action_id = create(heed)
    facts = heed.json("actions", "preview", "rivera", str(action_id))
    assert (facts["state"], facts["total"], facts["ready"]) == ("draft", 4, 3)
    assert facts["suppressed"] == {
        "opted_out": 1,
        "no_consent": 0,
        "carrier_block": 0,
        "country": 0,
    }
    assert adds_up(facts) and facts["texts"] == dict.fromkeys(STATES, 0)
    assert state(action_id) is ActionState.DRAFT


def test_a_launch_is_sorted_to_its_end_and_done_once(heed: Shell, home: Campaign) -> None:
    action_id = create(heed)
    facts = launch(heed, action_id)
    assert (facts["changed"], facts["state"], facts["ready"]) == (True, "live", 3)
    assert adds_up(facts)
    assert launch(heed, action_id) == facts | {"changed": False}
    launched = select(TrailEntry).where(TrailEntry.event == Event.LAUNCHED)
    assert len(db.session.scalars(launched).all()) == 1


def test_whoever_launches_at_the_same_moment_finds_it_done(
    heed: Shell, home: Campaign, app: Flask
) -> None:
    action_id = create(heed)
    is_held = threading.Event()

    def launch_slowly() -> None:
        with app.app_context(), transaction():
            launches.launch(db.session.get_one(Action, action_id), by=None, now=utc_now())
            is_held.set()
            time.sleep(1)  # so long that the command has looked at the draft

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(launch_slowly)
        assert is_held.wait(10)
        facts = launch(heed, action_id)
        other.result(10)

    assert (facts["changed"], facts["state"], facts["total"]) == (False, "live", 4)
    launched = select(TrailEntry).where(TrailEntry.event == Event.LAUNCHED)
    assert len(db.session.scalars(launched).all()) == 1


def test_an_interrupted_launch_goes_on(heed: Shell, home: Campaign) -> None:
    action_id = create(heed)
    with transaction():
        launches.launch(db.session.get_one(Action, action_id), by=None, now=utc_now())
    with transaction():
        launches.sort_chunk(db.session.get_one(Action, action_id), now=utc_now(), size=1)
    assert state(action_id) is ActionState.LAUNCHING
    facts = launch(heed, action_id)
    assert (facts["changed"], facts["state"], facts["total"]) == (True, "live", 4)


def test_without_a_terminal_the_launch_needs_yes(heed: Shell, home: Campaign) -> None:
    action_id = create(heed)
    done = heed.run("actions", "launch", "rivera", str(action_id))
    assert done.returncode == 1 and "--yes" in done.stderr
    assert state(action_id) is ActionState.DRAFT


def test_without_the_opt_out_tag_the_launch_has_to_say_so(heed: Shell, home: Campaign) -> None:
    action_id = create(heed)
    with transaction():
        action = db.session.get_one(Action, action_id)
        own = report_settings.opt_out_tag(action)
        report_settings.hide_tag(action, own, by=None, now=utc_now())
    done = heed.run("actions", "launch", "rivera", str(action_id), "--yes")
    assert done.returncode == 1 and "can't record opt-outs" in done.stderr
    assert launch(heed, action_id, "--without-opt-out-tag")["state"] == "live"


def test_pause_resume_and_finish_change_once(heed: Shell, home: Campaign) -> None:
    action_id = create(heed)
    launch(heed, action_id)
    for word, after in (("pause", "paused"), ("resume", "live"), ("finish", "finished")):
        for changed in (True, False):
            facts = heed.json("actions", word, "rivera", str(action_id))
            assert (facts["state"], facts["changed"]) == (after, changed)
            assert adds_up(facts)
    done = heed.run("actions", "resume", "rivera", str(action_id))
    assert done.returncode == 1 and done.stderr.count("\n") == 1


def test_the_counts_add_up_whatever_happens(heed: Shell, home: Campaign) -> None:
    action_id, jordan = create(heed), factories.texter()
    launch(heed, action_id)
    action = db.session.get_one(Action, action_id)
    people = audience.samples(action)
    factories.first_text(action, people[0], jordan)
    with transaction():
        optouts.record(people[1], Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    facts = heed.json("actions", "show", "rivera", str(action_id))
    assert adds_up(facts)
    assert (facts["ready"], facts["claimed"], facts["suppressed"]["opted_out"]) == (1, 1, 2)
    assert facts["texts"]["queued"] == 1
    heed.json("actions", "finish", "rivera", str(action_id))
    ended = heed.json("actions", "show", "rivera", str(action_id))
    assert (ended["cancelled"], ended["claimed"]) == (1, 0) and adds_up(ended)


def test_in_words_the_counts_can_be_read(heed: Shell, home: Campaign) -> None:
    action_id = create(heed)
    words = heed.run("actions", "show", "rivera", str(action_id)).stdout
    assert "Early vote (draft)" in words and "3 of 4 ready, 1 suppressed" in words


@pytest.mark.parametrize("word", ["show", "preview", "launch", "pause", "resume", "finish"])
def test_an_action_of_another_campaign_is_not_there(heed: Shell, home: Campaign, word: str) -> None:
    theirs = factories.action(of=factories.campaign(), launched=False).id
    for number in (theirs, 99_999):
        done = heed.run("actions", word, "rivera", str(number))
        assert (done.returncode, done.stdout) == (1, "") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", ["99999999999999999999", "9999999999", "0", "-1"])
def test_a_number_that_no_action_can_have_is_refused_in_a_sentence(
    heed: Shell, number: str
) -> None:
    home = factories.campaign()

    done = heed.run("actions", "show", home.slug, "--", number)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Campaign “{home.slug}” has no action {int(number)}.\n"


@pytest.mark.parametrize("kind", ["p2p", "automated"])
def test_a_finished_action_cannot_be_launched_again(heed: Shell, home: Campaign, kind: str) -> None:
    action_id = create(heed) if kind == "p2p" else automated(heed, "--keyword", "SIGNS")
    launch(heed, action_id)
    name = db.session.get_one(Action, action_id).name
    heed.json("actions", "finish", "rivera", str(action_id))

    done = heed.run("actions", "launch", "rivera", str(action_id), "--yes", "--json")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"“{name}” is finished and can't be launched again.\n"
    assert state(action_id) is ActionState.FINISHED


# Automated actions


def automated(heed: Shell, *more: str) -> int:
    words = ["actions", "create", "rivera", "--kind", "automated", "--name", "Helpers"]
    made = heed.json(*words, "--script", "Thanks! Reply STOP to opt out.", *more)
    return int(made["id"])


def test_an_automated_action_is_made_turned_on_and_finished(heed: Shell, home: Campaign) -> None:
    factories.tag("Volunteer")
    jordan = factories.texter()
    words = ["--keyword", "volunteer", "--keyword", "JOIN", "--opts-in", "--tag", "Volunteer"]
    action_id = automated(heed, *words, "--texters", jordan.email)
    shown = heed.json("actions", "show", "rivera", str(action_id))
    assert (shown["state"], shown["keywords"], shown["opts_in"]) == (
        "draft",
        ["VOLUNTEER", "JOIN"],
        True,
    )
    assert launch(heed, action_id)["changed"] is True
    assert launch(heed, action_id)["changed"] is False
    assert state(action_id) is ActionState.LIVE
    for command, after in (("pause", "paused"), ("resume", "live"), ("finish", "finished")):
        done = heed.json("actions", command, "rivera", str(action_id))
        assert (done["changed"], done["state"]) == (True, after)
    words_of = heed.run("actions", "show", "rivera", str(action_id)).stdout
    assert "answers VOLUNTEER, JOIN, opts people in" in words_of
    assert "0 texts in, 0 answers, 0 opted in, 0 opted out" in words_of


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ([], 2, "needs --keyword"),
        (["--keyword", "STOP"], 1, "is already a stop word"),
        (["--keyword", "JOIN"], 1, "opts people in wherever it is texted"),
        (["--keyword", "SIGNS", "--tag", "Nothing"], 1, "has no tag “Nothing”"),
        (["--keyword", "SIGNS", "--script", "Again"], 2, "has one --script"),
    ],
)
def test_an_automated_action_that_could_not_work_is_refused(
    heed: Shell, home: Campaign, more: list[str], code: int, said: str
) -> None:
    words = ["actions", "create", "rivera", "--kind", "automated", "--name", "Helpers"]
    done = heed.run(*words, "--script", "Thanks!", *more)
    assert (done.returncode, done.stdout) == (code, "") and said in done.stderr


def test_an_automated_action_that_lacks_something_is_not_turned_on(
    heed: Shell, home: Campaign
) -> None:
    action_id = automated(heed, "--keyword", "SIGNS")
    with transaction():
        tag = report_settings.opt_out_tag(db.session.get_one(Action, action_id))
        action = db.session.get_one(Action, action_id)
        report_settings.hide_tag(action, tag, by=None, now=utc_now())
    refused = heed.run("actions", "launch", "rivera", str(action_id), "--yes")
    assert refused.returncode == 1 and "can't record opt-outs" in refused.stderr
    assert launch(heed, action_id, "--without-opt-out-tag")["state"] == "live"


def test_a_peer_to_peer_action_needs_a_list(heed: Shell, home: Campaign) -> None:
    words = ["actions", "create", "rivera", "--kind", "p2p", "--name", "X", "--script", SCRIPT]
    assert heed.run(*words).returncode == 2


def test_a_draft_has_the_days_it_was_given(heed: Shell, home: Campaign) -> None:
    action_id = create(heed, "--from", "2090-12-01", "--until", "2090-12-04")
    facts = heed.json("actions", "show", "rivera", str(action_id))
    assert (facts["first_day"], facts["last_day"]) == ("2090-12-01", "2090-12-04")
    assert "Last day 2090-12-04" in heed.run("actions", "show", "rivera", str(action_id)).stdout
    without = heed.json("actions", "show", "rivera", str(create(heed)))
    assert (without["first_day"], without["last_day"]) == (None, None)
