"""A campaign may add stop words; the locked ones stay, and one word has one meaning."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.services.scenes import NOW, text_in
from tests.services.talks import Talk
from webapp.db import db, transaction
from webapp.errors import InvalidError
from webapp.models import (
    Action,
    ActionKind,
    Actor,
    AutomationKeyword,
    Campaign,
    Event,
    Message,
    OptOutSource,
    Texting,
    TrailEntry,
)
from webapp.services import optouts, stop_word_replay, stop_words
from webapp.services.stop_word_replay import Replay
from webapp.texting import keywords
from webapp.texting.keywords import Meaning


@pytest.fixture
def home() -> Campaign:
    return factories.the_campaign()


def add(word: str) -> str:
    with transaction():
        return stop_words.add(factories.the_campaign(), word, by=None, now=NOW)


def own() -> tuple[str, ...]:
    db.session.rollback()
    return factories.the_campaign().stop_words


def changes() -> list[TrailEntry]:
    query = select(TrailEntry).where(TrailEntry.event == Event.STOP_WORDS_CHANGED)
    return list(db.session.scalars(query.order_by(TrailEntry.id)))


def automate(home: Campaign, word: str, name: str) -> None:
    with transaction():
        action = Action(campaign_id=home.id, kind=ActionKind.AUTOMATED, name=name)
        db.session.add(action)
        db.session.flush()
        db.session.add(
            AutomationKeyword(
                campaign_id=home.id,
                action_id=action.id,
                word=word,
                folded=keywords.normalise(word),
            )
        )


def test_an_added_word_opts_people_out_from_then_on(home: Campaign) -> None:
    talk = Talk()
    talk.hears("basta")
    assert optouts.standing(talk.contact)[Texting.P2P].may_be_texted
    assert add(" basta  ya ") == "BASTA YA"
    assert add("basta") == "BASTA"
    talk.hears("¡Basta!")
    assert not optouts.standing(talk.contact)[Texting.P2P].may_be_texted
    assert own() == ("BASTA YA", "BASTA")
    assert [entry.details for entry in changes()] == [
        {"added": ["BASTA YA"], "removed": []},
        {"added": ["BASTA"], "removed": []},
    ]
    assert changes()[0].actor is Actor.HOST


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("stop", "stops texts already"),
        ("S.T.O.P", "stops texts already"),
        ("start", "already an opt-in keyword"),
        ("Help", "people text for help"),
        ("no", "an answer people give"),
        ("1", "an answer people give"),
        ("🛑", "needs letters"),
        ("x" * 41, "too long"),
        ("signs", "your own opt-in"),
        ("VOLUNTEER!", "keyword of the automated action “Volunteer drive”"),
        ("basta", "stops texts already"),
    ],
)
def test_a_word_that_means_something_else_is_refused(home: Campaign, word: str, said: str) -> None:
    add("Basta")
    with transaction():
        factories.the_campaign().own_opt_in_words = "SIGNS"
    automate(home, "VOLUNTEER", "Volunteer drive")
    said = "opt-in keyword" if said == "your own opt-in" else said
    with transaction(), pytest.raises(InvalidError, match=said):
        stop_words.add(factories.the_campaign(), word, by=None, now=NOW)
    assert own() == ("BASTA",)


def test_an_own_word_is_removed_and_a_locked_one_is_not(home: Campaign) -> None:
    add("BASTA")
    talk = Talk()
    talk.hears("basta")
    for word, gone in (("STOP", False), ("basta!", True), ("BASTA", False)):
        with transaction():
            removed = stop_words.remove(factories.the_campaign(), word, by=None, now=NOW)
        assert removed is gone
    assert own() == ()
    assert not optouts.standing(talk.contact)[Texting.P2P].may_be_texted
    assert changes()[-1].details == {"added": [], "removed": ["BASTA"]}


def test_the_whole_list_is_set_at_once(home: Campaign) -> None:
    def set_to(*words: str) -> bool:
        with transaction():
            return stop_words.replace(factories.the_campaign(), words, by=None, now=NOW)

    assert set_to("basta", "STOP", "Basta!", "schluss") is True
    assert own() == ("BASTA", "SCHLUSS")
    assert set_to("BASTA", "Schluss") is False
    assert set_to("schluss") is True and own() == ("SCHLUSS",)
    with pytest.raises(InvalidError):
        set_to("fin", "join")
    assert own() == ("SCHLUSS",)
    assert set_to() is True and own() == ()


def test_a_campaign_has_a_limit(home: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_words, "MOST_WORDS", 1)
    add("BASTA")
    with pytest.raises(InvalidError, match="can add 1"):
        add("FIN")
    with pytest.raises(InvalidError, match="can add 1"), transaction():
        stop_words.replace(factories.the_campaign(), ["A1", "B1"], by=None, now=NOW)


# The tester


@pytest.mark.parametrize(
    ("body", "letters", "meaning", "hinted"),
    [
        ("S.T.O.P 🛑", "stop", Meaning.OPT_OUT, False),
        ("Basta", "basta", Meaning.OPT_OUT, False),
        ("Join", "join", Meaning.OPT_IN, False),
        ("signs", "signs", Meaning.OPT_IN, False),
        ("help", "help", Meaning.HELP, False),
        ("Please stop texting me", "pleasestoptextingme", Meaning.NONE, True),
        ("See you at 5", "seeyouat5", Meaning.NONE, False),
        ("👍", "", Meaning.NONE, False),
    ],
)
def test_a_message_is_read_as_heed_would(
    home: Campaign, body: str, letters: str, meaning: Meaning, hinted: bool
) -> None:
    add("BASTA")
    with transaction():
        factories.the_campaign().own_opt_in_words = "SIGNS"
    reading = stop_words.read_as(factories.the_campaign(), body)
    assert (reading.letters, reading.meaning) == (letters, meaning)
    assert (reading.hint is not None, reading.is_reaction, reading.automation) == (
        hinted,
        False,
        "",
    )


def test_the_tester_knows_keywords_of_automations_and_reactions(home: Campaign) -> None:
    automate(home, "VOLUNTEER", "Volunteer drive")
    assert stop_words.read_as(home, "volunteer!").automation == "Volunteer drive"
    reading = stop_words.read_as(home, "Liked “Reply STOP to opt out”")
    assert reading.is_reaction and reading.hint is None and reading.meaning is Meaning.NONE


# The replay


def replay(word: str) -> Replay:
    db.session.rollback()
    return stop_word_replay.of(factories.the_campaign(), word, now=NOW)


def heard(body: str, *, days_ago: float = 1) -> Talk:
    talk = Talk()
    talk.hears(body, now=NOW - timedelta(days=days_ago))
    return talk


def test_a_replay_names_those_who_would_have_been_opted_out(home: Campaign) -> None:
    heard("basta", days_ago=91)
    wrote = [heard("BASTA BASTA", days_ago=89), heard("Basta!")]
    heard("Basta con la guerra")
    gone = heard("basta")
    with transaction():
        optouts.record(gone.contact, Texting.P2P, source=OptOutSource.ADMIN, now=NOW)
    text_in(factories.STRANGER, factories.number(factories.campaign()), "basta", now=NOW)

    found = replay("BASTA")

    assert (found.people, found.already, found.is_whole) == (2, 1, True)
    assert {one.contact.id for one in found.shown} == {one.contact.id for one in wrote}
    assert all(optouts.standing(one.contact)[Texting.P2P].may_be_texted for one in wrote)


def test_somebody_who_wrote_it_twice_is_one_person(home: Campaign) -> None:
    talk = heard("basta", days_ago=2)
    talk.hears("Basta.", now=NOW - timedelta(days=1))
    found = replay("BASTA")
    assert found.people == 1 and found.shown[0].body == "Basta."


def test_an_opt_out_of_the_other_kind_does_not_count(home: Campaign) -> None:
    talk = heard("basta")
    with transaction():
        optouts.record(talk.contact, Texting.BROADCAST, source=OptOutSource.ADMIN, now=NOW)
    assert (replay("BASTA").people, replay("BASTA").already) == (1, 0)


def test_a_replay_says_how_far_it_came(home: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_word_replay, "READ_AT_ONCE", 2)
    for n in range(5):
        heard("basta", days_ago=5 - n)
    assert (replay("BASTA").people, replay("BASTA").read) == (5, 5)
    monkeypatch.setattr(stop_word_replay, "MOST_READ", 3)
    monkeypatch.setattr(stop_word_replay, "SHOWN", 2)
    found = replay("BASTA")
    assert (found.people, found.read, found.is_whole, len(found.shown)) == (3, 3, False, 2)
    assert found.since == NOW - timedelta(days=3)


def test_a_replay_of_nothing(home: Campaign) -> None:
    found = replay("BASTA")
    assert (found.people, found.read, found.is_whole) == (0, 0, True)
    assert db.session.scalar(select(Message.id)) is None
