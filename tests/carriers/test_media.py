"""Pictures are fetched from the carrier alone, and only what is safe to hand out."""

import time
from collections.abc import Callable

import pytest

from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY, StandIn
from tests.carrier.http import Part
from webapp.carriers import media
from webapp.carriers.base import Carrier, CarrierError, Media, MediaError
from webapp.carriers.connection import address
from webapp.carriers.simulator import Simulator
from webapp.carriers.telnyx import Telnyx
from webapp.carriers.twilio import Twilio

PICTURE = b"\x89PNG a picture"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages"
Place = Callable[[str], str]


@pytest.fixture(params=["twilio", "telnyx"])
def carrier(request: pytest.FixtureRequest) -> Carrier:
    found: Carrier = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def place(carrier: Carrier, stand_in: StandIn) -> Place:
    """Where a picture lies, as the carrier's webhook would say."""
    ways = {"twilio": f"{stand_in.url}{MESSAGES}/MM1/Media/", "telnyx": f"{stand_in.url}/shelf/"}
    return lambda sid: ways[carrier.name] + sid


def test_a_picture_is_fetched(carrier: Carrier, stand_in: StandIn, place: Place) -> None:
    url = place(stand_in.picture(PICTURE, "image/PNG; charset=binary"))

    assert carrier.fetch_media(url) == Media("image/png", PICTURE, is_inline=True)


@pytest.mark.parametrize("hops", [1, 3])
def test_redirects_are_followed_without_credentials(
    carrier: Carrier, stand_in: StandIn, place: Place, hops: int
) -> None:
    url = place(stand_in.picture(PICTURE, hops=hops))

    assert carrier.fetch_media(url).content == PICTURE
    first, *others = [visit.authorization for visit in stand_in.visits()]
    assert (first is not None) == (carrier.name == "twilio")
    assert others == [None] * hops


def test_a_fourth_redirect_is_one_too_many(
    carrier: Carrier, stand_in: StandIn, place: Place
) -> None:
    with pytest.raises(MediaError):
        carrier.fetch_media(place(stand_in.picture(PICTURE, hops=4)))

    assert len(stand_in.visits()) == 4


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:9/",
        "https://elsewhere.example/",
        "file:///etc/passwd",
        "//localhost/",
        "http://[::1",
        "http://user:word@127.0.0.1/",
    ],
)
def test_a_redirect_to_elsewhere_is_not_followed(
    carrier: Carrier, stand_in: StandIn, place: Place, location: str
) -> None:
    with pytest.raises(MediaError):
        carrier.fetch_media(place(stand_in.picture(PICTURE, location=location)))


def test_another_machine_on_loopback_is_not_asked(
    carrier: Carrier, stand_in: StandIn, place: Place
) -> None:
    with StandIn() as other:
        url = place(other.picture(PICTURE)).replace(stand_in.url, other.url)
        there = place(stand_in.picture(PICTURE, location=url))
        for asked in (url, there):
            with pytest.raises(MediaError, match="not at the carrier"):
                carrier.fetch_media(asked)
        assert other.visits() == []


@pytest.mark.parametrize(
    ("kind", "inline"),
    [
        ("image/jpeg", True),
        ("image/gif", True),
        ("video/mp4", True),
        ("audio/amr", True),
        ("image/heic", False),
        ("application/pdf", False),
        ("text/vcard", False),
        ("text/x-vcard", False),
    ],
)
def test_what_is_safe_is_handed_out(
    carrier: Carrier, stand_in: StandIn, place: Place, kind: str, inline: bool
) -> None:
    assert carrier.fetch_media(place(stand_in.picture(b"x", kind))) == Media(kind, b"x", inline)


@pytest.mark.parametrize(
    "kind",
    [
        "image/svg+xml",
        "text/html",
        "text/plain",
        "application/octet-stream",
        "",
        "application/smil",
    ],
)
def test_what_is_not_known_as_safe_is_not_handed_out(
    carrier: Carrier, stand_in: StandIn, place: Place, kind: str
) -> None:
    with pytest.raises(MediaError, match=r"^This is a kind of file"):
        carrier.fetch_media(place(stand_in.picture(b"<svg/>", kind)))


def test_what_would_have_to_be_unpacked_is_not_handed_out(
    carrier: Carrier, stand_in: StandIn, place: Place
) -> None:
    packed = stand_in.picture(b"\x1f\x8b", headers=(("Content-Encoding", "gzip"),))

    with pytest.raises(MediaError):
        carrier.fetch_media(place(packed))


def test_what_is_too_large_is_not_read_to_its_end(
    carrier: Carrier, stand_in: StandIn, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "LARGEST", 1000)
    fits, large = stand_in.picture(b"x" * 1000), stand_in.picture(b"x" * 1001)

    assert len(carrier.fetch_media(place(fits)).content) == 1000
    with pytest.raises(MediaError, match="10 MB"):
        carrier.fetch_media(place(large))


def test_ten_megabytes_and_no_more(carrier: Carrier, stand_in: StandIn, place: Place) -> None:
    with pytest.raises(MediaError, match="10 MB"):
        carrier.fetch_media(place(stand_in.picture(b"x" * (media.LARGEST + 1))))


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_picture_that_is_gone_is_a_sentence(
    carrier: Carrier, stand_in: StandIn, place: Place, status: int
) -> None:
    with pytest.raises(MediaError, match="any more"):
        carrier.fetch_media(place(stand_in.picture(b"", status=status)))


def test_a_carrier_that_fails_may_be_asked_again(
    carrier: Carrier, stand_in: StandIn, place: Place
) -> None:
    url = place(stand_in.picture(PICTURE, status=500))
    with pytest.raises(CarrierError, match="HTTP 500") as failed:
        carrier.fetch_media(url)
    assert not isinstance(failed.value, MediaError)

    stand_in.refuse()
    try:
        with pytest.raises(CarrierError, match="could not be reached") as failed:
            carrier.fetch_media(url)
    finally:
        stand_in.listen()
    assert not isinstance(failed.value, MediaError)


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_picture_that_drips_in_is_given_up(
    carrier: Carrier,
    stand_in: StandIn,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    part: Part,
) -> None:
    monkeypatch.setattr(media, "SECONDS_AT_MOST", 0.3)
    stand_in.drip(part)
    began = time.monotonic()

    with pytest.raises(CarrierError, match="in time"):
        carrier.fetch_media(place(stand_in.picture(PICTURE * 10)))
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "path",
    [
        "/v2/messages",
        "/2010-04-01/Accounts/AC9/Messages/MM1/Media/ME1",
        f"{MESSAGES}/MM1/Media/ME1?x=1",
        f"{MESSAGES}/MM1/Media/../../../Balance",
        f"{MESSAGES}/MM1/Media/%2e%2e%2fx",
        f"{MESSAGES}.json",
    ],
)
def test_credentials_go_to_pictures_of_our_account_alone(
    twilio: Twilio, stand_in: StandIn, path: str
) -> None:
    with pytest.raises(MediaError, match="not at the carrier"):
        twilio.fetch_media(f"{stand_in.url}{path}")


def test_the_simulator_holds_no_pictures() -> None:
    with pytest.raises(MediaError):
        Simulator().fetch_media("https://api.twilio.com/picture")


# The rule for the world outside, where no test goes

TWILIO = Twilio(ACCOUNT_SID, AUTH_TOKEN)
TELNYX = Telnyx(API_KEY, PUBLIC_KEY)
OURS = f"https://api.twilio.com{MESSAGES}/MM1/Media/ME1"


def allowed(rule: media.Allows, url: str) -> bool:
    parsed = address(url)
    return parsed is not None and rule(parsed)


@pytest.mark.parametrize(
    ("url", "telnyx", "twilio"),
    [
        ("https://media.telnyx.com/a.png", True, False),
        ("https://us-central-1.telnyxcloudstorage.com/b/a?X-Amz-Signature=1", True, False),
        ("https://mms.twiliocdn.com/a", False, True),
        ("https://s3.amazonaws.com/b/a", True, True),
        ("https://s3-external-1.amazonaws.com/b/a", True, True),
        ("https://b.s3.us-east-2.amazonaws.com/a", True, True),
        ("https://b.s3.dualstack.us-west-2.amazonaws.com/a", True, True),
        ("https://S3.AmazonAWS.com/b/a", True, True),
        ("https://s3.amazonaws.com:443/b/a", True, True),
        ("http://s3.amazonaws.com/b/a", False, False),
        ("https://s3.amazonaws.com:8443/b/a", False, False),
        ("https://s3.amazonaws.com./b/a", False, False),
        ("https://me@s3.amazonaws.com/b/a", False, False),
        ("https://ec2-10-0-0-1.compute-1.amazonaws.com/a", False, False),
        ("https://x.s3.ec2-10-0-0-1.compute-1.amazonaws.com/a", False, False),
        ("https://telnyx.com.elsewhere.example/a", False, False),
        ("https://eviltelnyx.com/a", False, False),
        ("https://eviltwiliocdn.com/a", False, False),
        ("https://media.telnyx.com@127.0.0.1/a", False, False),
        ("https://127.0.0.1/a", False, False),
        ("https://[::1]/a", False, False),
        ("https://169.254.169.254/latest/meta-data", False, False),
        ("https://2130706433/", False, False),
        ("https://localhost/a", False, False),
        ("file:///etc/passwd", False, False),
        ("gopher://media.telnyx.com/a", False, False),
        ("//media.telnyx.com/a", False, False),
        ("https://[::1", False, False),
        ("https://media.telnyx.com\\@127.0.0.1/", False, False),
        ("", False, False),
    ],
)
def test_only_the_carriers_own_hosts_are_asked(url: str, telnyx: bool, twilio: bool) -> None:
    assert allowed(TELNYX._hosts, url) is telnyx
    assert allowed(TWILIO._redirects, url) is twilio


@pytest.mark.parametrize(
    "url",
    [
        OURS.replace("https", "http"),
        OURS.replace("api.twilio.com", "api.twilio.com:8443"),
        OURS.replace("api.twilio.com", "mms.twiliocdn.com"),
        OURS.replace("api.twilio.com", "api.twilio.com.elsewhere.example"),
        OURS.replace("api.", "me:word@api."),
        OURS.replace("AC", "AD"),
    ],
)
def test_twilios_api_alone_gets_our_credentials(url: str) -> None:
    assert allowed(TWILIO._is_ours, OURS)
    assert not allowed(TWILIO._is_ours, url)
