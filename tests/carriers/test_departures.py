"""What left from a number, from Twilio's own list: for a database that was restored."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.carrier import StandIn
from tests.carrier.http import Response
from tests.carrier.service import Service
from webapp.carriers import twilio_list
from webapp.carriers.base import Accepted, CarrierError, DeliveryReport, Departure, Outgoing
from webapp.carriers.twilio import Twilio

ANA, BEN, OURS, OTHER = "+13125550142", "+13125550143", "+13125550100", "+13125550199"
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def at(hours: float) -> str:
    return (NOON + timedelta(hours=hours)).isoformat()


def departures(twilio: Twilio, since: datetime = NOON) -> list[Departure]:
    return list(twilio.departures(OURS, since))


def test_what_left_from_the_number_is_told_with_what_became_of_it(
    twilio: Twilio, stand_in: StandIn
) -> None:
    stand_in.left(OURS, ANA, "Hi Ana", sid="SM1", sent=at(1), status="delivered")
    stand_in.left(OURS, BEN, "Hi Ben", sid="SM2", sent=at(2), status="failed", error_code=30006)
    stand_in.left(OURS, ANA, "before", sent=at(-1))
    stand_in.left(OTHER, ANA, "from another number", sent=at(1))
    stand_in.received(OURS, OURS, "to ourselves", sent=at(1))

    ben, ana = departures(twilio)

    told = DeliveryReport("twilio", "SM1", None, "delivered", "delivered")
    assert ana == Departure(ANA, "Hi Ana", datetime.fromisoformat(at(1)), told)
    assert (ben.report.status, ben.report.error_code) == ("failed", "30006")


@pytest.mark.parametrize(
    ("word", "status"),
    [("queued", "sent"), ("read", "delivered"), ("canceled", None), ("", None)],
)
def test_a_word_that_says_nothing_certain_is_no_status(
    twilio: Twilio, stand_in: StandIn, word: str, status: str | None
) -> None:
    stand_in.left(OURS, ANA, "Hi", sent=at(1), status=word)

    assert [one.report.status for one in departures(twilio)] == [status]


def test_a_text_that_we_sent_is_among_them_under_the_id_that_we_know(
    twilio: Twilio, text: Outgoing
) -> None:
    answer = twilio.send(text)

    [one] = departures(twilio, datetime.now(UTC) - timedelta(minutes=1))

    assert answer == Accepted(one.report.provider_id)
    assert (one.recipient, one.body) == (text.recipient, text.body)


def test_a_long_list_is_read_page_after_page(
    twilio: Twilio, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_list, "PAGE_SIZE", 3)
    for number in range(10):
        stand_in.left(OURS, ANA, f"text {number}", sent=at(number / 60))

    assert {one.body for one in departures(twilio)} == {f"text {number}" for number in range(10)}


def test_an_odd_entry_counts_and_a_text_still_on_its_way_has_the_moment_it_was_made(
    twilio: Twilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = {"direction": "outbound-api", "from": OURS, "to": ANA, "body": "H\x00i"}
    made = {"date_sent": None, "date_created": "Thu, 05 Mar 2026 13:00:00 +0000"}
    old = {"date_sent": None, "date_created": "Thu, 05 Mar 2026 11:00:00 +0000"}
    entries = [
        7,
        None,
        {},
        {**usual, "to": ""},
        {**usual, "direction": "inbound"},
        {**usual, **old},
    ]
    entries += [{**usual, "sid": "../SM1"}, {**usual, "sid": "SM2", "status": "queued", **made}]
    monkeypatch.setattr(Service, "_list", lambda self, request: Response.of({"messages": entries}))

    odd, waiting = departures(twilio)

    assert (odd.body, odd.report.provider_id, odd.sent_at) == ("Hi", "", None)
    assert waiting.sent_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    "page",
    [
        {"messages": None},
        {},
        {"messages": [], "next_page_uri": "https://elsewhere.example/list"},
        {"messages": [], "next_page_uri": "//elsewhere.example/list"},
    ],
    ids=range(4),
)
def test_a_list_that_leads_elsewhere_or_cannot_be_read_is_not_believed(
    twilio: Twilio, monkeypatch: pytest.MonkeyPatch, page: object
) -> None:
    monkeypatch.setattr(Service, "_list", lambda self, request: Response.of(page))

    with pytest.raises(CarrierError, match=r"^Twilio's list of messages could not be read\.$"):
        departures(twilio)


def test_a_list_that_goes_round_in_circles_ends(
    twilio: Twilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = iter(range(10_000))
    circle = lambda self, request: Response.of(  # noqa: E731
        {"messages": [], "next_page_uri": f"/x?{next(turns)}"}
    )
    monkeypatch.setattr(twilio_list, "PAGES_SENT_AT_MOST", 5)
    monkeypatch.setattr(Service, "_list", circle)
    monkeypatch.setattr(Service, "_media", circle)

    with pytest.raises(CarrierError, match="could not be read"):
        departures(twilio)


def test_a_carrier_that_cannot_be_reached_is_a_sentence(twilio: Twilio, stand_in: StandIn) -> None:
    stand_in.refuse()
    try:
        with pytest.raises(CarrierError, match=r"^Twilio could not be reached\.$"):
            departures(twilio)
    finally:
        stand_in.listen()
