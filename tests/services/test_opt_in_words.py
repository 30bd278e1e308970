"""Opt-in keywords of a campaign's own."""

import pytest
from sqlalchemy import select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError
from webapp.models import Campaign, Event, TrailEntry
from webapp.services import keyword_checks, opt_in_words, signups

NOW = utc_now()


@pytest.fixture
def home() -> Campaign:
    return factories.campaign(own_stop_words="BASTA")


def add(home: Campaign, word: str) -> str:
    with transaction():
        return opt_in_words.add(home, word, by=None, now=NOW)


def test_a_word_of_ones_own_opts_in_beside_the_locked_ones(home: Campaign) -> None:
    assert add(home, "  súmate ") == "SÚMATE"
    assert home.opt_in_words == ("SÚMATE",)
    assert keyword_checks.opts_in(home, "Sumate!") and keyword_checks.opts_in(home, "JOIN")
    assert not keyword_checks.opts_in(home, "VOLUNTEER")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("stop", "is already a stop word"),
        ("Basta!", "is already a stop word"),
        ("help", "a word people text for help"),
        ("yes", "an answer people give"),
        ("JOIN", "opts people in already"),
        ("rally", "an opt-in keyword of your campaign"),
        ("Volunteer", "a keyword of the automated action “Helpers”"),
        ("", "A word needs letters or digits."),
        ("y" * 41, "Use 40 letters at most."),
    ],
)
def test_a_word_that_means_something_already_is_refused(
    home: Campaign, word: str, said: str
) -> None:
    add(home, "RALLY")
    factories.automation("VOLUNTEER", of=home, name="Helpers", live=False)
    with pytest.raises(InvalidError) as refused:
        add(home, word)
    assert said in str(refused.value) and refused.value.field == "word"
    db.session.rollback()
    assert home.opt_in_words == ("RALLY",)


def test_a_word_is_taken_away_and_the_trail_tells_both(home: Campaign) -> None:
    add(home, "RALLY")
    with transaction():
        assert opt_in_words.remove(home, "rally", by=None, now=NOW)
        assert not opt_in_words.remove(home, "rally", by=None, now=NOW)
        assert not opt_in_words.remove(home, "JOIN", by=None, now=NOW)
    assert not keyword_checks.opts_in(home, "RALLY")
    told = select(TrailEntry.details).where(TrailEntry.event == Event.OPT_IN_WORDS_CHANGED)
    assert [entry["words"] for entry in db.session.scalars(told)] == [["RALLY"], []]


def test_the_list_is_replaced_as_a_whole(home: Campaign) -> None:
    add(home, "RALLY")
    with transaction():
        assert opt_in_words.replace(home, ["join us", "SIGNS", "signs"], by=None, now=NOW)
        assert not opt_in_words.replace(home, ["Join us", "SIGNS"], by=None, now=NOW)
    assert home.opt_in_words == ("JOIN US", "SIGNS")


def test_a_word_that_an_open_form_shows_stays(home: Campaign) -> None:
    add(home, "RALLY")
    number = factories.number(home)
    with transaction():
        form = signups.make(home, "Rally list", keyword="RALLY", number=number, by=None, now=NOW)
    with (
        pytest.raises(ConflictError, match="“Rally list” asks people to text RALLY"),
        transaction(),
    ):
        opt_in_words.remove(home, "RALLY", by=None, now=NOW)
    with transaction():
        signups.set_open(form, False, by=None, now=NOW)
        assert opt_in_words.remove(home, "RALLY", by=None, now=NOW)


@pytest.mark.parametrize(
    ("state", "counts"), [("draft", False), ("live", True), ("paused", False), ("finished", False)]
)
def test_the_keyword_of_an_action_that_opts_in_counts_while_it_is_live(
    home: Campaign, state: str, counts: bool
) -> None:
    action = factories.automation("RALLY", of=home, opts_in=True)
    with transaction():
        action.state = state  # type: ignore[assignment]
    assert keyword_checks.opts_in(home, "rally") is counts


def test_the_text_may_be_empty_and_is_not_too_long(home: Campaign) -> None:
    with transaction():
        assert opt_in_words.set_text(home, "Welcome to  “Rivera”.", by=None, now=NOW)
        assert not opt_in_words.set_text(home, 'Welcome to "Rivera".', by=None, now=NOW)
    assert home.opt_in_text == 'Welcome to "Rivera".'
    with transaction():
        assert opt_in_words.set_text(home, "", by=None, now=NOW)
    with pytest.raises(InvalidError), transaction():
        opt_in_words.set_text(home, "x" * 301, by=None, now=NOW)
