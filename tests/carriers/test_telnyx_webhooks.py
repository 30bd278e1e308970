"""Telnyx's calls to us: whose they are and what they say."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.carrier import API_KEY, PUBLIC_KEY
from tests.carrier.telnyx_phones import encoded, received, reported, signed
from webapp.carriers.base import BadWebhookError, DeliveryReport, Inbound, Webhook
from webapp.carriers.telnyx import Telnyx

URL = "https://text.example.org/webhooks/telnyx"
ANA, OURS = "+13125550142", "+13125550100"
CARRIER = Telnyx(API_KEY, PUBLIC_KEY)


def call(body: bytes, **more: Any) -> Webhook:
    return Webhook(URL, signed(body, **more), body)


def read(event: object) -> Inbound | DeliveryReport | None:
    return CARRIER.parse(Webhook(URL, {}, json.dumps(event).encode()))


def text(body: str = "STOP", **extra: Any) -> Inbound:
    found = read(received(ANA, OURS, body, "m-1", **extra))
    assert isinstance(found, Inbound)
    return found


def report(status: str, **more: Any) -> DeliveryReport:
    found = read(reported("m-1", status, **more))
    assert isinstance(found, DeliveryReport)
    return found


# Whose they are


@given(body=st.binary(max_size=200))
def test_what_telnyx_signed_is_believed(body: bytes) -> None:
    assert CARRIER.verify(call(body))


@given(
    body=st.binary(min_size=1, max_size=200),
    change=st.sampled_from(
        ["body", "longer", "time", "key", "none", "no-time", "short", "letters"]
    ),
)
def test_whatever_is_altered_the_signature_does_not_fit_any_more(body: bytes, change: str) -> None:
    good = call(body)
    headers = dict(good.headers)
    signature, moment = headers["telnyx-signature-ed25519"], int(headers["telnyx-timestamp"])
    altered = {
        "body": replace(good, body=bytes([body[0] ^ 1]) + body[1:]),
        "longer": replace(good, body=body + b" "),
        "time": replace(good, headers={**headers, "telnyx-timestamp": str(moment - 1)}),
        "key": call(body, key=Ed25519PrivateKey.generate()),
        "none": replace(good, headers={"telnyx-timestamp": str(moment)}),
        "no-time": replace(good, headers={"telnyx-signature-ed25519": signature}),
        "short": replace(good, headers={**headers, "telnyx-signature-ed25519": signature[:-4]}),
        "letters": replace(good, headers={**headers, "telnyx-signature-ed25519": "ü" + signature}),
    }

    assert CARRIER.verify(good)
    assert not CARRIER.verify(altered[change])


@pytest.mark.parametrize(("seconds", "believed"), [(0, True), (290, True), (310, False)])
@pytest.mark.parametrize("direction", [1, -1])
def test_a_call_from_another_time_is_not_believed(
    seconds: int, believed: bool, direction: int
) -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        assert CARRIER.verify(call(b"{}", at=time.time() + direction * seconds)) is believed


@pytest.mark.parametrize(
    "moment", ["", "soon", "-1", "1e9", "９", "9" * 5000, "\x00", " 1800000000"]
)
def test_a_strange_time_is_refused_quietly(moment: str) -> None:
    headers = {**signed(b"{}"), "telnyx-timestamp": moment}

    assert not CARRIER.verify(Webhook(URL, headers, b"{}"))


def test_headers_may_be_in_any_letter_case() -> None:
    headers = {name.title(): value for name, value in signed(b"{}").items()}

    assert CARRIER.verify(Webhook(URL, headers, b"{}"))


@pytest.mark.parametrize("key", ["", "short", "not base64 at all", "a" * 43, "a" * 40])
def test_a_malformed_public_key_makes_no_carrier(key: str) -> None:
    with pytest.raises(ValueError, match=r"^Telnyx's public key .+\.$"):
        Telnyx(API_KEY, key)


# Incoming texts


def test_an_inbound_text_is_read() -> None:
    assert text(autoresponse_type="STOP", parts=2) == Inbound(
        provider="telnyx",
        provider_id="m-1",
        sender=ANA,
        to=OURS,
        body="STOP",
        media=(),
        opt_out_type="STOP",
        segments=2,
    )


OTHER = "+17735550101"


@pytest.mark.parametrize(
    ("recipients", "to", "also_to"),
    [
        ({"to": [{"phone_number": OTHER}, {"phone_number": OURS}]}, OTHER, (OURS,)),
        ({"to": [{"phone_number": OURS}], "cc": [{"phone_number": OTHER}]}, OURS, (OTHER,)),
        ({"to": {"phone_number": OURS}, "cc": None}, OURS, ()),
        ({"to": OURS}, OURS, ()),
        ({"to": [OTHER, OURS], "cc": [7, {}, [OURS]]}, OTHER, (OURS,)),
        ({"to": []}, "", ()),
    ],
    ids=str,
)
def test_all_recipients_of_a_group_text_are_read(
    recipients: dict[str, object], to: str, also_to: tuple[str, ...]
) -> None:
    event = received(ANA, OURS, "STOP", "m-1")
    event["data"]["payload"] |= recipients

    found = read(event)

    assert isinstance(found, Inbound)
    assert (found.to, found.also_to) == (to, also_to)


@pytest.mark.parametrize(
    ("given_type", "kept"),
    [
        ("STOP", "STOP"),
        ("start", "START"),
        ("HELP", "HELP"),
        ("info", "HELP"),
        ("x", None),
        (7, None),
    ],
)
def test_what_the_carrier_did_with_the_text_is_read(given_type: object, kept: str | None) -> None:
    assert text(autoresponse_type=given_type).opt_out_type == kept


def test_the_body_is_kept_as_it_was_written() -> None:
    body = "  Ça va? 👍🏽\nArrêt + 100% & =\t"

    assert text(body).body == body


def test_what_no_database_can_store_does_not_cost_us_the_stop() -> None:
    assert text("ST\x00OP").body == "STOP"
    assert text("STOP \ud83d").body == "STOP \ufffd"  # half of a character pair, in JSON


@pytest.mark.parametrize("body", [None, 7, [], {}])
def test_a_text_without_words_is_an_empty_one(body: object) -> None:
    assert text(body).body == ""  # type: ignore[arg-type]


def test_pictures_are_read_in_order_and_ten_at_most() -> None:
    urls = [f"https://media.telnyx.com/{number}" for number in range(12)]
    listed = [{"url": url, "content_type": "image/png"} for url in urls]

    assert text(media=[None, {}, *listed][2:]).media == tuple(urls[:10])
    assert text(media=[None, {"url": 7}, listed[0]]).media == (urls[0],)
    assert text(media="https://h.example").media == ()


@pytest.mark.parametrize("parts", [None, 0, -1, 1000, "many", True, 2.5])
def test_a_strange_count_of_segments_is_one(parts: object) -> None:
    assert text(parts=parts).segments == 1


# What cannot be used


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The webhook is not JSON."),
        (b"Body=STOP", "The webhook is not JSON."),
        (b"[]", "The webhook is not JSON."),
        (b"[" * 100_000, "The webhook is not JSON."),
        (b"\xff\xfe", "The webhook is not JSON."),
        (b'{"data": []}', "The webhook has no event_type."),
        (b'{"data": {"event_type": 7}}', "The webhook has no event_type."),
    ],
    ids=range(7),
)
def test_a_call_without_an_event_is_refused_with_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(BadWebhookError) as refused:
        CARRIER.parse(Webhook(URL, {}, body))

    assert str(refused.value) == sentence


@pytest.mark.parametrize("payload", [None, [], {}, {"id": "m"}, {"from": {"phone_number": ANA}}])
def test_a_text_without_sender_or_id_is_refused_with_a_sentence(payload: object) -> None:
    with pytest.raises(BadWebhookError, match=r"^The webhook has no (sender|message id)\.$"):
        read({"data": {"event_type": "message.received", "payload": payload}})


def test_a_sender_that_cannot_be_kept_is_refused_with_a_sentence() -> None:
    assert text(**{"from": {"phone_number": "9" * 64}})

    with pytest.raises(BadWebhookError, match=r"^The webhook's sender is too long\.$"):
        text(**{"from": {"phone_number": "9" * 65}})


@pytest.mark.parametrize("message_id", [None, "", " ", 7, "x" * 65])
def test_a_report_without_an_id_that_can_be_kept_is_refused_with_a_sentence(
    message_id: object,
) -> None:
    with pytest.raises(BadWebhookError, match=r"^The webhook.+message id.*\.$"):
        read(reported(message_id, "sent"))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["call.initiated", "message.unheard.of", "10dlc.brand.update"])
def test_an_event_that_does_not_concern_texts_says_nothing(kind: str) -> None:
    assert read({"data": {"event_type": kind, "payload": {}}}) is None


# Reports


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("queued", None),
        ("sending", None),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("delivery_unconfirmed", "sent"),
        ("delivery_failed", "undelivered"),
        ("sending_failed", "failed"),
        ("evaporated", None),
        ("", None),
    ],
)
def test_a_delivery_report_is_read(raw: str, status: str | None) -> None:
    found = report(raw, callback=f"{URL}?ref=r-17")

    assert (found.provider_id, found.status, found.raw) == ("m-1", status, raw)
    assert (found.reference, found.error_code, found.opted_out) == ("r-17", None, False)


def test_a_delivery_report_says_when_the_recipient_had_opted_out() -> None:
    found = report("sending_failed", code="40300")

    assert (found.error_code, found.opted_out) == ("40300", True)


def test_the_reference_is_taken_from_what_was_signed_not_from_the_address_called() -> None:
    body = encoded(reported("m-1", "delivered", callback=f"{URL}?ref=ours"))

    found = CARRIER.parse(Webhook(f"{URL}?ref=another", {}, body))

    assert isinstance(found, DeliveryReport)
    assert found.reference == "ours"


@pytest.mark.parametrize("url", [None, 7, "", "https://[::1", f"{URL}?x=1", f"{URL}?" + "a&" * 999])
def test_a_report_may_lack_our_reference(url: object) -> None:
    assert report("sent", callback=url).reference is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "payload", "event_type", "id", "from", "to", "errors", "media"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(payload=json_values, kind=st.sampled_from(["message.received", "message.finalized"]))
def test_whatever_is_in_an_event_it_is_read_or_refused_with_a_sentence(
    payload: object, kind: str
) -> None:
    try:
        read({"data": {"event_type": kind, "payload": payload}})
    except BadWebhookError as refused:
        assert str(refused).endswith(".")
