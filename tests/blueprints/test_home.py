"""Home of a campaign."""

import re
from collections.abc import Callable
from datetime import timedelta

from tests import factories
from tests.client import Browser
from webapp.db import transaction, utc_now
from webapp.models import Actor, Event, OptOutSource, Texting, User
from webapp.services import activity, optouts, today, trail

SignIn = Callable[[User], Browser]


def home() -> str:
    return f"/c/{factories.the_campaign().slug}/"


def test_texters_land_on_their_texts(client_for: SignIn) -> None:
    answer = client_for(factories.texter()).get(home())
    assert (answer.status_code, answer.location) == (303, f"{home()}text")


def test_an_empty_campaign_shows_what_to_do(client_for: SignIn) -> None:
    text = client_for(factories.owner()).get(home()).text
    assert "Get ready to text" in text and "Two opt-out tags" in text
    assert text.count("To do: ") == 5
    assert "Nothing is running right now." in text


def test_the_list_is_checked_off_by_what_exists(client_for: SignIn) -> None:
    browser = client_for(factories.owner())
    factories.texter()
    factories.tag()
    text = browser.get(home()).text
    assert (text.count("Done: "), text.count("To do: ")) == (2, 3)

    factories.action(factories.contact())

    assert "Get ready to text" not in browser.get(home()).text


def test_home_counts_today_and_shows_what_runs(client_for: SignIn) -> None:
    factories.action(factories.contact(), name="Doorstep to Ballot")
    with transaction():
        optouts.record(factories.contact(), Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    text = client_for(factories.admin()).get(home()).text
    assert "Doorstep to Ballot" in text and "0 of 1" in text
    assert "Opt-outs today" in text


def test_home_tells_who_did_what_in_the_last_days(client_for: SignIn) -> None:
    maya = factories.owner(name="Maya Okafor")
    dana = factories.contact(first_name="Dana", last_name="Whitfield")
    browser = client_for(maya)
    data = f"{home()}data"
    browser.post(f"{data}/tags", {"name": "Will vote"})
    browser.post(f"{data}/contacts/{dana.id}/opt-outs/p2p", {"source": "Called"})
    lift = {"reason": "Dana called again", "agreed": "called", "confirm": "y"}
    browser.post(f"{data}/contacts/{dana.id}/opt-outs/p2p/remove", lift)
    browser.post(f"{data}/contacts/export")

    text = re.sub(r"<[^>]+>", "", browser.get(home()).text.partition("Last seven days")[2])

    told = ["downloaded the contacts", "removed Opt Out (P2P) from Dana Whitfield"]
    told.append("made the tag “Will vote”")
    places = [text.index(f"Maya Okafor {deed}") for deed in told]
    assert places == sorted(places)


def test_what_is_older_than_a_week_or_done_by_contacts_is_left_out(client_for: SignIn) -> None:
    dana = factories.contact()
    with transaction():
        for event, actor, days in (
            (Event.JOIN_CODE_CHANGED, Actor.HOST, 8),
            (Event.OPT_OUT_LIFTED, Actor.CONTACT, 0),
        ):
            trail.record(
                event,
                campaign_id=dana.campaign_id,
                contact_id=dana.id,
                actor=actor,
                now=utc_now() - timedelta(days=days),
            )
    assert (
        "Nothing happened in the last seven days." in client_for(factories.owner()).get(home()).text
    )


def test_every_event_that_is_told_reads_as_a_sentence(client_for: SignIn) -> None:
    owner, home_of = factories.owner(name="Maya Okafor"), factories.the_campaign().id
    for event in activity.WORDS:
        with transaction():
            trail.record(event, campaign_id=home_of, by=owner, now=utc_now())
        did = activity.recent(home_of, now=utc_now())[0].did
        assert "{" not in did and did


def test_a_rate_of_opt_outs_needs_fifty_texts() -> None:
    assert today.Counts(sent=49, replies=0, opt_outs=5).opt_out_rate is None
    assert today.Counts(sent=50, replies=0, opt_outs=5).opt_out_rate == 10.0
