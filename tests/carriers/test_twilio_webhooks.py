"""Twilio's calls to us: whose they are and what they say."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from webapp.carriers.base import BadWebhookError, DeliveryReport, Inbound, Webhook
from webapp.carriers.twilio import Twilio

TOKEN = "a-secret"
URL = "https://text.example.org/webhooks/twilio/inbound"
STOP = {"MessageSid": "SM1", "From": "+13125550142", "To": "+13125550100", "Body": "STOP"}
CARRIER = Twilio("AC1", TOKEN)

URLS = [
    URL,
    f"{URL}?ref=r-17&x=%C3%BC%20y",
    "https://text.example.org:8443/webhooks/twilio/status?ref=1",
    "https://text.example.org:443/in",
    "http://127.0.0.1:8000/in",
    "http://localhost/in",
]


class Fields(dict[str, list[str]]):
    """Repeated form fields, as the published library wants them."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def signature(url: str, fields: dict[str, list[str]], token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, Fields(fields)))


def webhook(url: str, fields: dict[str, list[str]], signed: str) -> Webhook:
    body = urlencode(fields, doseq=True).encode()
    return Webhook(url, {"x-twilio-signature": signed}, body)


def inbound(**fields: str) -> Inbound:
    return CARRIER.parse_inbound(Webhook(URL, {}, urlencode({**STOP, **fields}).encode()))


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = words.filter(bool)
forms = st.dictionaries(names, st.lists(words, min_size=1, max_size=4), max_size=6)


@given(url=st.sampled_from(URLS), fields=forms)
def test_we_agree_with_the_published_library_on_every_form(
    url: str, fields: dict[str, list[str]]
) -> None:
    signed = signature(url, fields)

    assert CARRIER.verify(webhook(url, fields, signed))
    assert RequestValidator(TOKEN).validate(url, Fields(fields), signed)


@pytest.mark.parametrize(
    ("ours", "signed"),
    [
        ("https://h.example/in?a=1", "https://h.example:443/in?a=1"),
        ("https://h.example:8443/in", "https://h.example/in"),
        ("http://127.0.0.1/in", "http://127.0.0.1:80/in"),
        ("https://h.example/in", "https://h.example:8443/in"),
        ("https://h.example/in", "http://h.example/in"),
        ("https://h.example/in", "https://h.example/in?"),
    ],
)
def test_we_agree_with_the_published_library_on_ports(ours: str, signed: str) -> None:
    fields = {name: [value] for name, value in STOP.items()}
    made = signature(signed, fields)

    theirs = RequestValidator(TOKEN).validate(ours, Fields(fields), made)

    assert CARRIER.verify(webhook(ours, fields, made)) is theirs


@given(
    fields=forms.filter(bool),
    change=st.sampled_from(["add", "drop", "alter", "address", "query", "token", "none", "short"]),
)
def test_whatever_is_altered_the_signature_does_not_fit_any_more(
    fields: dict[str, list[str]], change: str
) -> None:
    signed = signature(URL, fields)
    good = webhook(URL, fields, signed)
    first = min(fields)
    altered = {
        "add": lambda: webhook(URL, {**fields, "OptOutTypeX": ["STOP"]}, signed),
        "drop": lambda: webhook(URL, {k: v for k, v in fields.items() if k != first}, signed),
        "alter": lambda: webhook(URL, {**fields, first: [fields[first][0] + "x"]}, signed),
        "address": lambda: replace(good, url=URL.replace("text.", "test.")),
        "query": lambda: replace(good, url=f"{URL}?ref=other"),
        "token": lambda: webhook(URL, fields, signature(URL, fields, "another")),
        "none": lambda: replace(good, headers={}),
        "short": lambda: webhook(URL, fields, signed[:-1]),
    }

    assert CARRIER.verify(good)
    assert not CARRIER.verify(altered[change]())


@pytest.mark.parametrize("signed", ["", "ü", "=", "x" * 10_000, "\x00"])
def test_a_strange_signature_is_refused_quietly(signed: str) -> None:
    assert not CARRIER.verify(webhook(URL, {"Body": ["STOP"]}, signed))


def test_a_body_that_is_no_form_is_refused_quietly() -> None:
    for body in (b"\xff\xfe", b"{}", b"&" * 2000, b"&".join(b"a=1" for _ in range(2000))):
        assert not CARRIER.verify(Webhook(URL, {"X-Twilio-Signature": "x"}, body))


def test_an_inbound_text_is_read() -> None:
    assert inbound(NumSegments="2", OptOutType="STOP") == Inbound(
        provider="twilio",
        provider_id="SM1",
        sender="+13125550142",
        to="+13125550100",
        body="STOP",
        media=(),
        opt_out_type="STOP",
        segments=2,
    )


def test_the_body_is_kept_as_it_was_written() -> None:
    body = "  Ça va? 👍🏽\nArrêt + 100% & =\t"

    assert inbound(Body=body).body == body


def test_a_nul_character_does_not_cost_us_the_stop() -> None:
    assert inbound(Body="ST\x00OP", From="+1312555\x000142").body == "STOP"


def test_pictures_are_read_in_order() -> None:
    urls = [f"https://api.example/media/{number}" for number in range(3)]
    fields = {f"MediaUrl{number}": url for number, url in enumerate(urls)}

    assert inbound(NumMedia="3", Body="", **fields).media == tuple(urls)


@pytest.mark.parametrize(
    ("given_type", "read"),
    [
        ("STOP", "STOP"),
        ("start", "START"),
        ("HELP", "HELP"),
        ("", None),
        ("CUSTOM", None),
    ],
)
def test_what_the_carrier_did_with_the_text_is_read(given_type: str, read: str | None) -> None:
    assert inbound(OptOutType=given_type).opt_out_type == read


@pytest.mark.parametrize("segments", ["", "0", "-1", "many", "9" * 5000, "²"])
def test_a_strange_count_of_segments_is_one(segments: str) -> None:
    assert inbound(NumSegments=segments).segments == 1


@pytest.mark.parametrize("missing", ["From", "MessageSid"])
@pytest.mark.parametrize("how", ["absent", "empty", "blank"])
def test_a_text_without_sender_or_id_is_refused_with_a_sentence(missing: str, how: str) -> None:
    fields = {**STOP, missing: " " if how == "blank" else ""}
    if how == "absent":
        del fields[missing]

    with pytest.raises(BadWebhookError, match=rf"^The webhook has no {missing}\.$"):
        CARRIER.parse_inbound(Webhook(URL, {}, urlencode(fields).encode()))


@pytest.mark.parametrize("name", ["From", "MessageSid"])
def test_a_sender_or_id_that_cannot_be_kept_is_refused_with_a_sentence(name: str) -> None:
    assert inbound(**{name: "9" * 64})

    with pytest.raises(BadWebhookError, match=rf"^The webhook's {name} is too long\.$"):
        inbound(**{name: "9" * 65})


def report(query: str = "?ref=r-17", **fields: str) -> DeliveryReport:
    fields = {"MessageSid": "SM1", "From": "+13125550100", **fields}
    return CARRIER.parse_status(Webhook(f"{URL}{query}", {}, urlencode(fields).encode()))


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("queued", None),
        ("sending", None),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("undelivered", "undelivered"),
        ("failed", "failed"),
        ("evaporated", None),
        ("", None),
    ],
)
def test_a_delivery_report_is_read(raw: str, status: str | None) -> None:
    read = report(MessageStatus=raw)

    assert (read.provider_id, read.status, read.raw, read.reference) == ("SM1", status, raw, "r-17")
    assert (read.error_code, read.opted_out) == (None, False)


def test_a_delivery_report_says_when_the_recipient_had_opted_out() -> None:
    read = report(MessageStatus="failed", ErrorCode="21610")

    assert (read.error_code, read.opted_out) == ("21610", True)


def test_a_delivery_report_may_lack_our_reference_but_not_the_id() -> None:
    assert report(query="", MessageStatus="sent").reference is None
    with pytest.raises(BadWebhookError, match="MessageSid"):
        report(MessageSid="")
