"""The commands for campaigns, numbers and people, as a shell runs them."""

import pytest
from sqlalchemy import select

from tests import factories
from tests.shell import Shell
from webapp.db import db, utc_now
from webapp.models import Actor, Membership, Role, Tag, TrailEntry
from webapp.services import accounts

PASSWORD = "wandering ducks at noon"


def test_a_campaign_is_made_once(heed: Shell) -> None:
    words = ["campaign", "create", "Rivera for Council", "--owner-email", "Maya@example.org"]
    made = heed.json(*words, "--password-stdin", "--slug", "rivera", typed=PASSWORD + "\n")
    assert made == {"slug": "rivera", "id": made["id"], "changed": True}

    again = heed.json(*words, "--slug", "rivera")
    assert again == made | {"changed": False}
    assert heed.json(*words) == made | {"changed": False}

    owner = accounts.who("maya@example.org", PASSWORD)
    assert db.session.get_one(Membership, (made["id"], owner.id)).role is Role.OWNER
    assert len(db.session.scalars(select(Tag)).all()) == 2
    assert set(db.session.scalars(select(TrailEntry.actor))) == {Actor.HOST}


def test_another_campaign_of_the_same_slug_is_refused(heed: Shell) -> None:
    there = factories.campaign(slug="rivera", name="Rivera")

    done = heed.run("campaign", "create", "Other", "--slug", there.slug, "--owner-email", "a@b.org")

    assert done.returncode == 1
    assert done.stdout == "" and done.stderr.count("\n") == 1


def test_an_owner_without_a_password_gets_a_link(heed: Shell) -> None:
    made = heed.json("campaign", "create", "Rivera", "--owner-email", "maya@example.org")

    token = made["link"].removeprefix("http://127.0.0.1:8000/reset/")
    assert accounts.reset_link(token, now=utc_now()).email == "maya@example.org"


@pytest.mark.parametrize("password", ["short", "password1234"])
def test_a_bad_password_makes_nothing(heed: Shell, password: str) -> None:
    done = heed.run(
        "campaign",
        "create",
        "Rivera",
        "--owner-email",
        "maya@example.org",
        "--password-stdin",
        typed=password,
    )

    assert done.returncode == 1 and password not in done.stderr
    assert accounts.find("maya@example.org") is None


def test_settings_are_printed_and_changed(heed: Shell) -> None:
    factories.campaign(slug="rivera")

    changed = heed.json(
        "campaign",
        "set",
        "rivera",
        "--hours",
        "09:00-21:00",
        "--one-opt-out-stops-both",
        "on",
        "--recontact-lock",
        "6",
    )
    assert changed["changed"] is True
    printed = heed.json("campaign", "set", "rivera")

    assert printed == changed | {"changed": False}
    assert (printed["hours"], printed["recontact_lock_hours"]) == ("09:00-21:00", 6)
    assert printed["one_opt_out_stops_both"] is True


def test_stop_words_and_fallbacks_are_set(heed: Shell) -> None:
    factories.campaign(slug="rivera")
    words = ["campaign", "set", "rivera"]
    changed = heed.json(*words, "--stop-words", "basta, Schluss,stop")
    assert (changed["changed"], changed["stop_words"]) == (True, ["BASTA", "SCHLUSS"])
    assert heed.json(*words, "--stop-words", "BASTA,SCHLUSS")["changed"] is False
    refused = heed.run(*words, "--stop-words", "JOIN")
    assert (refused.returncode, refused.stdout) == (1, "") and "opt-in" in refused.stderr
    assert heed.json(*words, "--stop-words", "")["stop_words"] == []

    given = ["--fallback", "first_name=there", "--fallback", "ward = town"]
    assert heed.json(*words, *given)["fallbacks"] == {"first_name": "there", "ward": "town"}
    assert heed.json(*words, "--fallback", "ward=")["fallbacks"] == {"first_name": "there"}
    assert heed.run(*words, "--fallback", "ward").returncode == 2
    assert heed.run(*words, "--fallback", "Ward 5=x").returncode == 1


def test_a_number_is_added_once(heed: Shell) -> None:
    factories.campaign(slug="rivera")
    words = ["number", "add", "rivera", "(312) 555-0142", "--kind", "both"]

    assert [heed.json(*words)["changed"] for _ in range(2)] == [True, False]
    assert heed.json("number", "list", "rivera")["phone"] == "+13125550142"
    assert heed.json("number", "retire", "rivera", "+13125550142")["changed"] is True
    assert heed.run("number", "list", "rivera").stdout == ""


def test_a_number_is_given_its_pace(heed: Shell) -> None:
    factories.campaign(slug="rivera")
    words = ["number", "add", "rivera", "(312) 555-0142", "--kind", "broadcast"]
    assert heed.json(*words)["rate"] is None
    made = heed.json(*words, "--rate", "12.5")
    assert (made["rate"], made["changed"]) == (12.5, True)
    assert heed.json("number", "list", "rivera")["rate"] == 12.5
    refused = heed.run(*words, "--rate", "0")
    assert refused.returncode == 1 and "texts a second" in refused.stderr


def test_people_are_added_listed_and_reset(heed: Shell) -> None:
    factories.campaign(slug="rivera")
    words = ["user", "add", "ana@example.org", "--campaign", "rivera", "--role"]

    added = heed.json(*words, "texter", "--name", "Ana Ruiz", "--password-stdin", typed=PASSWORD)
    assert added == {"email": "ana@example.org", "role": "texter", "changed": True}
    assert heed.json(*words, "texter")["changed"] is False
    assert heed.json(*words, "admin")["changed"] is True
    assert heed.json("user", "list", "--campaign", "rivera") == {
        "email": "ana@example.org",
        "name": "Ana Ruiz",
        "role": "admin",
    }

    person = accounts.who("ana@example.org", PASSWORD)
    factories.session_token(person)
    reset = heed.json("user", "reset", "ana@example.org", "--password-stdin", typed="six grey owls")
    assert reset["sessions_ended"] == 1
    assert accounts.who("ana@example.org", "six grey owls") == person


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["campaign", "set", "none"], 1),
        (["number", "add", "none", "+13125550142", "--kind", "both"], 1),
        (["user", "reset", "nobody@example.org"], 1),
        (["user", "list", "--campaign", "none"], 1),
        (["campaign", "create", "Rivera"], 2),
        (["user", "add", "a@example.org", "--campaign", "none", "--role", "king"], 2),
        (["number", "add", "none", "+13125550142", "--kind", "fax"], 2),
    ],
)
def test_errors_are_told_on_standard_error_with_the_right_code(
    heed: Shell, words: list[str], status: int
) -> None:
    done = heed.run(*words, "--json")

    assert done.returncode == status
    assert done.stdout == "" and done.stderr


def test_a_password_that_was_promised_and_did_not_come_changes_nothing(heed: Shell) -> None:
    words = ["campaign", "create", "Rivera", "--owner-email", "maya@example.org"]

    made = heed.run(*words, "--password-stdin", typed="\n")

    assert (made.returncode, made.stdout) == (1, "")
    assert made.stderr.count("\n") == 1
    assert accounts.find("maya@example.org") is None


def test_opt_in_words_and_their_text_are_set_and_printed(heed: Shell) -> None:
    factories.campaign(slug="rivera")
    words = ["campaign", "set", "rivera"]
    done = heed.json(*words, "--opt-in-words", "Súmate, rally", "--opt-in-text", "Welcome.")
    assert (done["opt_in_words"], done["opt_in_text"]) == (["SÚMATE", "RALLY"], "Welcome.")
    assert done["changed"] is True
    assert heed.json(*words, "--opt-in-words", "rally,SUMATE")["changed"] is False
    done = heed.json(*words, "--opt-in-words", "", "--opt-in-text", "")
    assert (done["opt_in_words"], done["opt_in_text"]) == ([], "")


@pytest.mark.parametrize("word", ["STOP", "HELP", "YES", "VOLUNTEER"])
def test_an_opt_in_word_that_means_something_else_is_refused(heed: Shell, word: str) -> None:
    home = factories.campaign(slug="rivera")
    factories.automation("VOLUNTEER", of=home)
    done = heed.run("campaign", "set", "rivera", "--opt-in-words", f"RALLY,{word}")
    assert done.returncode == 1 and f"“{word}” is" in done.stderr
    assert heed.json("campaign", "set", "rivera")["opt_in_words"] == []


def test_what_is_not_given_for_a_number_stays_as_it_was_set(heed: Shell) -> None:
    factories.campaign(slug="rivera")
    words = ["number", "add", "rivera", "(312) 555-0142", "--kind"]
    given = ["--rate", "12.5", "--confirmation-by", "nobody", "--help-by", "carrier"]
    heed.json(*words, "broadcast", *given)
    set_before = {"rate": 12.5, "confirmation_by": "nobody", "help_by": "carrier"}

    assert heed.json(*words, "broadcast")["changed"] is False
    assert heed.json(*words, "both")["changed"] is True

    shown = heed.json("number", "list", "rivera")
    assert shown["kind"] == "both" and set_before.items() <= shown.items()
    assert heed.json(*words, "both", "--usual-rate")["rate"] is None
    assert heed.json("number", "list", "rivera")["confirmation_by"] == "nobody"
    assert heed.run(*words, "both", "--usual-rate", "--rate", "2").returncode == 2


def test_a_retired_number_comes_back_as_it_was_set(heed: Shell) -> None:
    factories.campaign(slug="rivera")
    words = ["number", "add", "rivera", "(312) 555-0142", "--kind", "both"]
    heed.json(*words, "--rate", "3")
    heed.json("number", "retire", "rivera", "+13125550142")
    assert heed.json(*words) | {"id": 0} == {
        "id": 0,
        "phone": "+13125550142",
        "kind": "both",
        "rate": 3.0,
        "changed": True,
    }
