"""What was missed while Heed was down, from Twilio's own list."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.carrier import API_KEY, AUTH_TOKEN, PUBLIC_KEY, StandIn
from tests.carrier.http import Part, Response
from tests.carrier.service import Service
from webapp.carriers import twilio_list
from webapp.carriers.base import CarrierError, Inbound, Outgoing
from webapp.carriers.simulator import Simulator
from webapp.carriers.telnyx import Telnyx
from webapp.carriers.twilio import Twilio

ANA, BEN, OURS, OTHER = "+13125550142", "+13125550143", "+13125550100", "+13125550199"
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
PICTURE = b"\x89PNG a picture"


def at(hours: float) -> str:
    return (NOON + timedelta(hours=hours)).isoformat()


def missed(twilio: Twilio, since: datetime = NOON) -> list[Inbound]:
    return list(twilio.missed(OURS, since))


def test_what_was_sent_to_the_number_comes_oldest_first(twilio: Twilio, stand_in: StandIn) -> None:
    stand_in.received(BEN, OURS, "START", sid="SM2", sent=at(2))
    stand_in.received(ANA, OURS, "STOP", sid="SM1", sent=at(1))
    stand_in.received(ANA, OURS, "before", sid="SM0", sent=at(-1))
    stand_in.received(ANA, OTHER, "to another number", sid="SM9", sent=at(1))

    assert missed(twilio) == [
        Inbound("twilio", "SM1", ANA, OURS, "STOP", sent_at=datetime.fromisoformat(at(1))),
        Inbound("twilio", "SM2", BEN, OURS, "START", sent_at=datetime.fromisoformat(at(2))),
    ]


def test_the_moment_may_be_told_in_any_zone_and_on_the_day_before(
    twilio: Twilio, stand_in: StandIn
) -> None:
    stand_in.received(ANA, OURS, "STOP", sid="SM1", sent="2026-03-06T03:30:00+00:00")
    since = datetime.fromisoformat("2026-03-05T22:00:00-05:00")

    assert [text.body for text in missed(twilio, since)] == ["STOP"]
    assert missed(twilio, since + timedelta(hours=1)) == []


def test_our_own_texts_in_the_list_are_not_texts_to_us(
    twilio: Twilio, stand_in: StandIn, text: Outgoing
) -> None:
    twilio.send(Outgoing(sender=OTHER, recipient=OURS, body="Hi", reference="r"))

    assert missed(twilio, datetime.now(UTC) - timedelta(minutes=1)) == []
    assert len(stand_in.arrivals()) == 1


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_list_that_drips_in_is_given_up_and_can_be_read_later(
    twilio: Twilio, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, part: Part
) -> None:
    stand_in.received(ANA, OURS, "STOP", sid="SM1", sent=at(1))
    monkeypatch.setattr(twilio_list, "PAGE_WITHIN", 0.3)
    stand_in.drip(part)

    with pytest.raises(CarrierError, match="in time"):
        missed(twilio)

    stand_in.reset()
    stand_in.received(ANA, OURS, "STOP", sid="SM1", sent=at(1))
    assert [text.body for text in missed(twilio)] == ["STOP"]


def test_a_long_list_is_read_page_after_page(
    twilio: Twilio, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_list, "PAGE_SIZE", 3)
    for number in range(10):
        stand_in.received(ANA, OURS, f"text {number}", sent=at(number / 60))

    assert [text.body for text in missed(twilio)] == [f"text {number}" for number in range(10)]


def test_pictures_are_named_as_the_webhook_would_and_can_be_fetched(
    twilio: Twilio, stand_in: StandIn
) -> None:
    pictures = [stand_in.picture(PICTURE), stand_in.picture(b"GIF", "image/gif")]
    stand_in.received(ANA, OURS, "", sid="MM1", sent=at(1), media=pictures)

    [text] = missed(twilio)

    base = f"{stand_in.url}/2010-04-01/Accounts/AC{'0' * 32}/Messages/MM1/Media"
    assert text.media == tuple(f"{base}/{sid}" for sid in pictures)
    assert twilio.fetch_media(text.media[0]).content == PICTURE


def test_a_picture_that_cannot_be_listed_does_not_hold_up_a_stop(
    twilio: Twilio, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.received(ANA, OURS, "look", sid="MM1", sent=at(1), media=[stand_in.picture(PICTURE)])
    stand_in.received(ANA, OURS, "STOP", sid="SM2", sent=at(2))
    # The list of pictures is away, the list of messages is not.
    broken = lambda self, request: self.twilio.error(500, None)  # noqa: E731
    monkeypatch.setattr(Service, "_media", broken)
    found: list[Inbound] = []

    with pytest.raises(CarrierError, match=r"^Twilio answered with HTTP 500\.$"):
        for text in twilio.missed(OURS, NOON):
            found.append(text)

    assert [(text.body, text.media) for text in found] == [("look", ()), ("STOP", ())]


def test_a_carrier_that_cannot_be_reached_is_a_sentence(twilio: Twilio, stand_in: StandIn) -> None:
    stand_in.refuse()
    try:
        with pytest.raises(CarrierError, match=r"^Twilio could not be reached\.$"):
            missed(twilio)
    finally:
        stand_in.listen()


def test_wrong_credentials_are_a_sentence_without_a_secret(stand_in: StandIn) -> None:
    carrier = Twilio("AC9", AUTH_TOKEN, api_base=stand_in.url)

    with pytest.raises(CarrierError) as refused:
        missed(carrier)

    assert str(refused.value) == "Twilio answered with HTTP 401."


@pytest.mark.parametrize(
    "page",
    [
        {"messages": None},
        {},
        [],
        {"messages": [], "next_page_uri": "https://elsewhere.example/list"},
        {"messages": [], "next_page_uri": "//elsewhere.example/list"},
        {"messages": [], "next_page_uri": "http://127.0.0.1:9/list"},
    ],
    ids=range(6),
)
def test_a_list_that_leads_elsewhere_or_cannot_be_read_is_not_believed(
    twilio: Twilio, monkeypatch: pytest.MonkeyPatch, page: object
) -> None:
    monkeypatch.setattr(Service, "_list", lambda self, request: Response.of(page))

    with pytest.raises(CarrierError, match=r"^Twilio's list of messages could not be read\.$"):
        missed(twilio)


def test_a_list_that_goes_round_in_circles_ends(
    twilio: Twilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = iter(range(10_000))
    monkeypatch.setattr(twilio_list, "PAGES_AT_MOST", 5)
    monkeypatch.setattr(
        Service,
        "_list",
        lambda self, request: Response.of({"messages": [], "next_page_uri": f"/x?{next(turns)}"}),
    )
    monkeypatch.setattr(Service, "_media", Service._list)

    with pytest.raises(CarrierError, match="could not be read"):
        missed(twilio)


def test_odd_entries_are_left_out_and_a_missing_date_is_new(
    twilio: Twilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = {"direction": "inbound", "from": ANA, "to": OURS, "num_media": "0", "body": "ST\x00OP"}
    entries = [7, None, {}, {**usual, "sid": "../SM1"}, {**usual, "sid": "SM1", "from": ""}]
    entries.append({**usual, "sid": "SM3", "from": "9" * 65})
    listed = {"messages": [*entries, {**usual, "sid": "SM2", "num_segments": "2"}]}
    monkeypatch.setattr(Service, "_list", lambda self, request: Response.of(listed))

    assert missed(twilio) == [Inbound("twilio", "SM2", ANA, OURS, "STOP", segments=2)]


def test_telnyx_and_the_simulator_keep_no_list() -> None:
    for carrier in (Simulator(), Telnyx(API_KEY, PUBLIC_KEY)):
        assert carrier.missed is None and carrier.departures is None
