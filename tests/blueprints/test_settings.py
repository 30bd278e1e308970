"""The settings pages."""

from collections.abc import Callable

import pytest

from tests import factories
from tests.client import Browser
from tests.services.talks import Talk
from webapp.db import db, transaction, utc_now
from webapp.models import Answerer, Campaign, NumberKind, Texting, User
from webapp.services import numbers, optouts, stop_word_replay

SignIn = Callable[[User], Browser]
TEXTING = {
    "hours": "10:00-20:00",
    "recontact_lock_hours": "6",
    "one_opt_out_stops_both": "y",
    "confirmation_text": "You are out.",
    "goodbye_text": "Goodbye.",
    "help_text": "Help is on the way.",
}


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin())


@pytest.fixture
def settings_url(browser: Browser) -> str:
    return f"/c/{factories.the_campaign().slug}/settings"


def campaign() -> Campaign:
    found = factories.the_campaign()
    db.session.refresh(found)
    return found


def test_settings_begin_with_the_campaign(browser: Browser, settings_url: str) -> None:
    assert browser.get(settings_url).location == f"{settings_url}/campaign"


def test_the_campaign_is_renamed_and_moved(browser: Browser, settings_url: str) -> None:
    typed = {"name": "Ward 25", "organization": "Rivera", "time_zone": "Pacific/Honolulu"}

    assert browser.post(f"{settings_url}/campaign", typed).status_code == 303

    found = campaign()
    assert (found.name, found.organization, found.time_zone) == tuple(typed.values())
    page = browser.get(f"{settings_url}/campaign").text
    assert "Saved." in page and '<option selected value="Pacific/Honolulu">' in page


def test_a_zone_that_is_none_is_refused(browser: Browser, settings_url: str) -> None:
    typed = {"name": "Ward 25", "organization": "Rivera", "time_zone": "Mars/Olympus"}
    assert browser.post(f"{settings_url}/campaign", typed).status_code == 422
    assert campaign().name != "Ward 25"


def test_texting_is_set(browser: Browser, settings_url: str) -> None:
    assert browser.post(f"{settings_url}/texting", TEXTING).status_code == 303

    found = campaign()
    assert str(found.hours) == "10:00-20:00"
    assert (found.recontact_lock_hours, found.one_opt_out_stops_both) == (6, True)
    assert found.replies_keep_hours is False  # Its box was not marked.
    assert found.confirmation_text == "You are out."
    assert 'value="10:00-20:00"' in browser.get(f"{settings_url}/texting").text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("hours", "nine to five", "Write it like 09:00-21:00."),
        ("recontact_lock_hours", "-1", "Use 0 (off) to 336 hours."),
        ("recontact_lock_hours", "soon", "Enter a whole number."),
        ("confirmation_text", "", "Use 1 to 300 characters."),
        ("goodbye_text", "x" * 301, "Use 1 to 300 characters."),
    ],
)
def test_a_wrong_value_is_said_at_its_field_and_kept(
    browser: Browser, settings_url: str, field: str, typed: str, said: str
) -> None:
    before = campaign().help_text

    page = browser.post(f"{settings_url}/texting", TEXTING | {field: typed})

    assert page.status_code == 422 and said in page.text
    assert "<title>Error: Texting settings" in page.text
    assert campaign().help_text == before


def test_saving_without_a_change_says_so(browser: Browser, settings_url: str) -> None:
    browser.post(f"{settings_url}/texting", TEXTING)
    browser.get(f"{settings_url}/texting")
    browser.post(f"{settings_url}/texting", TEXTING)
    assert "Nothing was changed." in browser.get(f"{settings_url}/texting").text


def test_a_number_is_added_and_retired(browser: Browser, settings_url: str) -> None:
    typed = {
        "phone": "(312) 555-0142",
        "kind": "p2p",
        "confirmation_by": "heed",
        "help_by": "nobody",
    }

    assert browser.post(f"{settings_url}/numbers", typed).status_code == 303

    (number,) = numbers.all_of(campaign())
    assert (number.phone, number.kind) == ("+13125550142", NumberKind.P2P)
    assert (number.confirmation_by, number.help_by) == (Answerer.HEED, Answerer.NOBODY)
    assert "(312) 555-0142" in browser.get(f"{settings_url}/numbers").text
    retire = f"{settings_url}/numbers/{number.id}/retire"
    assert "Retire (312) 555-0142?" in browser.get(retire).text
    browser.post(retire)
    assert numbers.all_of(campaign()) == []


def test_a_number_has_its_own_pace_or_the_usual_one(browser: Browser, settings_url: str) -> None:
    typed = {"phone": "(312) 555-0142", "kind": "both"}
    typed |= {"confirmation_by": "heed", "help_by": "heed"}
    browser.post(f"{settings_url}/numbers", typed | {"rate": "12.5"})
    assert numbers.all_of(campaign())[0].rate == 12.5
    assert ">12.5</td>" in browser.get(f"{settings_url}/numbers").text
    for rate in ("0", "-1", "1001", "nan", "quick"):
        page = browser.post(f"{settings_url}/numbers", typed | {"rate": rate})
        assert page.status_code == 422 and f'value="{rate}"' in page.text
    browser.post(f"{settings_url}/numbers", typed | {"rate": ""})
    db.session.rollback()
    assert numbers.all_of(campaign())[0].rate is None


def test_what_is_no_number_is_said_at_the_field(browser: Browser, settings_url: str) -> None:
    typed = {"phone": "12", "kind": "p2p", "confirmation_by": "heed", "help_by": "heed"}
    page = browser.post(f"{settings_url}/numbers", typed)
    assert page.status_code == 422 and "too short" in page.text


def test_the_rule_of_the_hours_is_said_in_words(browser: Browser, settings_url: str) -> None:
    assert "at any time of the day, anywhere" in browser.get(f"{settings_url}/texting").text
    browser.post(f"{settings_url}/texting", TEXTING | {"hours": "09:30-12:00"})
    text = browser.get(f"{settings_url}/texting").text
    assert "from 9:30 am to noon, by your clock (America/Chicago)" in text


def test_words_for_missing_values_are_set_and_taken_away(
    browser: Browser, settings_url: str
) -> None:
    typed = {"first_name": "there", "fallbacks": "polling_place = your place\n{ward} = town"}
    browser.post(f"{settings_url}/texting", TEXTING | typed)
    words = {"first_name": "there", "polling_place": "your place", "ward": "town"}
    assert campaign().fallbacks == words
    text = browser.get(f"{settings_url}/texting").text
    assert "polling_place = your place\nward = town" in text and 'value="there"' in text
    browser.post(
        f"{settings_url}/texting", TEXTING | {"first_name": "", "fallbacks": "ward = town"}
    )
    assert campaign().fallbacks == {"ward": "town"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"fallbacks": "polling place"}, "has no “=”"),
        ({"fallbacks": "Polling-place = x"}, "is no merge field"),
        ({"first_name": "{last_name}"}, "no braces"),
        ({"city": "x" * 41}, "Use 40 characters or fewer."),
    ],
)
def test_an_odd_word_for_a_missing_value_is_refused_and_kept(
    browser: Browser, settings_url: str, typed: dict[str, str], said: str
) -> None:
    answer = browser.post(f"{settings_url}/texting", TEXTING | typed)
    assert answer.status_code == 422 and said in answer.text
    assert next(iter(typed.values())) in answer.text
    assert campaign().fallbacks == {} and campaign().help_text != "Help is on the way."


def test_people_opted_out_of_one_kind_only_are_a_link_away(
    browser: Browser, settings_url: str
) -> None:
    assert "Opted out of one kind only" not in browser.get(f"{settings_url}/texting").text
    factories.contact(opted_out_of=Texting.P2P, phone="+13125550142")
    text = browser.get(f"{settings_url}/texting").text
    assert "1 person of P2P" in text and "0 people of Broadcast" in text
    ledger = settings_url.replace("settings", "data/opt-outs")
    gap = browser.get(f"{ledger}?kind=p2p&only=1").text
    assert "(312) 555-0142" in gap and "still get the other" in gap


# Stop words


@pytest.fixture
def words_url(settings_url: str) -> str:
    return f"{settings_url}/stop-words"


def test_the_locked_words_are_shown(browser: Browser, words_url: str) -> None:
    text = browser.get(words_url).text
    assert "<kbd>STOP</kbd>" in text and "<kbd>UNSUBSCRIBE</kbd>" in text and "None yet." in text


def test_a_word_that_nobody_wrote_is_added_at_once(browser: Browser, words_url: str) -> None:
    answer = browser.post(words_url, {"do": "add", "word": "basta"})
    assert answer.status_code == 303
    text = browser.get(words_url).text
    assert "BASTA stops texts from now on. Nobody wrote it in the last 90 days." in text
    assert campaign().stop_words == ("BASTA",)
    browser.post(words_url, {"do": "remove", "word": "BASTA"})
    assert "stays opted out" in browser.get(words_url).text and campaign().stop_words == ()
    browser.post(words_url, {"do": "remove", "word": "STOP"})
    assert "It was not on the list." in browser.get(words_url).text


def test_before_a_word_is_added_its_replay_is_shown(browser: Browser, words_url: str) -> None:
    talk = Talk()
    talk.hears("¡Basta!", now=utc_now())

    answer = browser.post(words_url, {"do": "add", "word": "basta"})
    assert answer.status_code == 200 and campaign().stop_words == ()
    assert "1</span> person would have been opted out" in answer.text
    assert "¡Basta!" in answer.text and f"/data/contacts/{talk.contact.id}" in answer.text

    answer = browser.post(words_url, {"do": "add", "word": "BASTA", "anyway": "1"})
    assert answer.status_code == 303 and campaign().stop_words == ("BASTA",)
    assert optouts.standing(talk.contact)[Texting.P2P].may_be_texted
    again = browser.post(words_url, {"do": "add", "word": "BASTA", "anyway": "1"})
    assert again.status_code == 422 and "stops texts already" in again.text


def test_a_replay_that_is_cut_says_so(
    browser: Browser, words_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stop_word_replay, "MOST_READ", 2)
    monkeypatch.setattr(stop_word_replay, "SHOWN", 1)
    for body in ("Hello", "basta", "Basta"):
        Talk().hears(body, now=utc_now())
    answer = browser.post(words_url, {"do": "add", "word": "basta"})
    assert "There are more" in answer.text and "And 1 more." in answer.text


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("join", "already an opt-in keyword"),
        ("signs", "already an opt-in keyword"),
        ("help", "a word people text for help"),
        ("volunteer", "a keyword of the automated action “Helpers”"),
        ("", "Enter a word."),
        ("no", "answer"),
    ],
)
def test_a_word_that_cannot_be_one_is_refused(
    browser: Browser, words_url: str, word: str, said: str
) -> None:
    factories.automation("VOLUNTEER", name="Helpers")
    with transaction():
        factories.the_campaign().own_opt_in_words = "SIGNS"
    answer = browser.post(words_url, {"do": "add", "word": word})
    assert answer.status_code == 422 and said in answer.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("stop!", "Stop word"),
        ("START", "Opt-in keyword"),
        ("help", "Help"),
        ("please don't text me", "Looks like a request"),
        ("Yes, I'll vote", "Ordinary"),
        ("Liked “STOP”", "Reaction"),
    ],
)
def test_a_message_is_tried(browser: Browser, words_url: str, body: str, said: str) -> None:
    answer = browser.post(words_url, {"do": "try", "text": body})
    assert f'<span class="t">{said}</span>' in answer.text and answer.status_code == 200
    assert browser.post(words_url, {"do": "try", "text": " "}).status_code == 422


# Broadcast


def test_the_opt_in_keywords_are_shown_and_own_ones_added_and_removed(
    browser: Browser, settings_url: str
) -> None:
    url = f"{settings_url}/broadcast"
    page = browser.get(url).text
    assert "SUBSCRIBE" in page and "None yet." in page
    assert "has Opt Out (Broadcast) removed. Opt Out (P2P) isn’t affected." in page
    assert "has no number for broadcasts yet" in page
    assert browser.post(url, {"do": "add", "word": "rally"}).status_code == 303
    assert campaign().opt_in_words == ("RALLY",)
    factories.automation("VOLUNTEER")
    factories.automation("SIGNS", opts_in=True)
    page = browser.get(url).text
    assert "RALLY opts people in from now on." in page
    assert "Automated actions use SIGNS, VOLUNTEER." in page and "Of automated actions" in page
    browser.post(url, {"do": "remove", "word": "RALLY"})
    assert campaign().opt_in_words == ()
    assert "The word opts nobody in any more." in browser.get(url).text


@pytest.mark.parametrize("word", ["RALLY", "JOIN", ""], ids=["unknown", "locked", "none"])
def test_taking_off_a_word_that_is_no_opt_in_keyword_of_their_own_says_so(
    browser: Browser, settings_url: str, word: str
) -> None:
    url = f"{settings_url}/broadcast"
    assert browser.post(url, {"do": "remove", "word": word}).status_code == 303
    page = browser.get(url).text
    assert "It was not on the list." in page and "opts nobody in" not in page


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("stop", "is already a stop word"),
        ("HELP", "a word people text for help"),
        ("volunteer", "a keyword of the automated action"),
        ("", "Type a word."),
    ],
)
def test_a_word_that_means_something_else_opts_nobody_in(
    browser: Browser, settings_url: str, word: str, said: str
) -> None:
    factories.automation("VOLUNTEER")
    page = browser.post(f"{settings_url}/broadcast", {"do": "add", "word": word})
    assert page.status_code == 422 and said in page.text
    assert "<title>Error: Broadcast settings" in page.text
    assert campaign().opt_in_words == ()


def test_a_word_is_checked_while_it_is_typed(browser: Browser, settings_url: str) -> None:
    url = f"{settings_url}/broadcast/check"
    htmx = {"HX-Request": "true"}
    assert "RALLY can be used." in browser.post(url, {"word": "rally"}, headers=htmx).text
    part = browser.post(url, {"word": "stop"}, headers=htmx)
    assert part.status_code == 200 and "is already a stop word" in part.text
    assert browser.post(url, {"word": "rally"}).status_code == 303


def test_the_confirmation_text_of_an_opt_in_is_set_and_emptied(
    browser: Browser, settings_url: str
) -> None:
    url = f"{settings_url}/broadcast"
    browser.post(url, {"do": "text", "opt_in_text": "Welcome to Rivera."})
    assert campaign().opt_in_text == "Welcome to Rivera."
    assert "doesn’t say how to opt out" in browser.get(url).text
    assert browser.post(url, {"do": "text", "opt_in_text": "x" * 301}).status_code == 422
    browser.post(url, {"do": "text", "opt_in_text": ""})
    assert campaign().opt_in_text == ""
