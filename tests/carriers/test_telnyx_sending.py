"""Sending through Telnyx: each result comes from a server that really behaves that way."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.carrier import API_KEY, PUBLIC_KEY, Rule, StandIn
from tests.carrier.http import Part
from webapp.carriers.base import Accepted, Outgoing, Refused, Unknown
from webapp.carriers.telnyx import Telnyx


@pytest.fixture
def hasty(stand_in: StandIn) -> Iterator[Telnyx]:
    """Waits a fifth of a second for an answer."""
    carrier = Telnyx(
        API_KEY, PUBLIC_KEY, api_base=stand_in.url, connect_timeout=0.2, read_timeout=0.2
    )
    yield carrier
    carrier.close()


def refused(result: object) -> Refused:
    assert isinstance(result, Refused), result
    return result


def test_a_text_reaches_telnyx_as_it_was_written(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing
) -> None:
    result = telnyx.send(text)

    [arrival] = stand_in.arrivals()
    assert result == Accepted(arrival.sid or "")
    assert (arrival.sender, arrival.to, arrival.body) == (text.sender, text.recipient, text.body)


@pytest.mark.parametrize(
    ("status_url", "query"),
    [
        ("https://h.example/s", {"ref": ["a&b=ü"]}),
        ("https://h.example/s?x=1", {"x": ["1"], "ref": ["a&b=ü"]}),
    ],
)
def test_the_reference_is_in_the_address_of_the_texts_own_webhook(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing, status_url: str, query: dict[str, list[str]]
) -> None:
    telnyx.send(replace(text, status_url=status_url, reference="a&b=ü"))

    [arrival] = stand_in.arrivals()
    assert parse_qs(urlsplit(arrival.status_callback or "").query) == query


def test_without_an_address_the_text_has_no_webhook_of_its_own(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing
) -> None:
    telnyx.send(replace(text, status_url=None))

    assert stand_in.arrivals()[0].status_callback is None


def test_a_recipient_who_opted_out_at_the_carrier_is_never_tried_again(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing
) -> None:
    stand_in.opted_out(text.recipient)

    result = refused(telnyx.send(text))

    assert (result.code, result.permanent, result.opted_out) == ("40300", True, True)


@pytest.mark.parametrize("status", [400, 403, 409, 422, 429])
def test_an_opt_out_is_one_whatever_the_status_and_whatever_else_is_wrong(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing, status: int
) -> None:
    said = '{"errors": [{"code": "10015"}, {"code": "40300", "title": "Blocked"}]}'
    stand_in.rule(Rule(accept=False, status=status, body=said))

    result = refused(telnyx.send(text))

    assert (result.permanent, result.opted_out) == (True, True)


@pytest.mark.parametrize("code", [40305, 40310, 40302, 49999])
@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_text_that_telnyx_cannot_send_is_refused_for_good(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing, code: int, status: int
) -> None:
    stand_in.answer(status, code)

    result = refused(telnyx.send(text))

    assert (result.code, result.permanent, result.opted_out) == (str(code), True, False)


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, 10011), (429, 40318), (429, None), (503, None), (401, 10009), (403, 20100), (404, None)],
)
def test_what_passes_is_refused_for_now(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing, status: int, code: int | None
) -> None:
    stand_in.answer(status, code, retry_after="7")

    result = refused(telnyx.send(text))

    assert (result.permanent, result.reached, result.retry_after) == (False, True, 7.0)
    assert result.code == (str(code) if code else f"http-{status}")


def test_a_wrong_api_key_is_a_refusal_for_now(stand_in: StandIn, text: Outgoing) -> None:
    carrier = Telnyx("KEYwrong", PUBLIC_KEY, api_base=stand_in.url)

    result = refused(carrier.send(text))
    carrier.close()

    assert (result.code, result.permanent) == ("10009", False)
    assert stand_in.arrivals() == []


def test_the_reason_of_a_refusal_holds_no_phone_number(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing
) -> None:
    said = f'{{"errors": [{{"code": "40310", "detail": "{text.recipient} is not valid"}}]}}'
    stand_in.rule(Rule(accept=False, status=400, body=said))

    assert "555" not in refused(telnyx.send(text)).reason


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"errors": 7}', '{"errors": [7, null, {"code": {}}]}', "\x00", "[" * 9],
)
def test_a_refusal_in_other_words_is_one_by_its_status(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing, body: str
) -> None:
    stand_in.rule(Rule(accept=False, status=400, body=body))

    result = refused(telnyx.send(text))

    assert (result.code, result.permanent) == ("http-400", True)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(then="close"),
        Rule(then="reset"),
        Rule(accept=False, then="close"),
        Rule(then="garbage"),
        Rule(status=200, body=""),
        Rule(status=200, body='{"data": []}'),
        Rule(status=200, body='{"data": {"id": 7}}'),
        Rule(status=200, body='{"data": {"id": "' + "x" * 65 + '"}}'),
        Rule(status=302, body=""),
        Rule(status=307, body="", headers={"Location": "/v2/messages"}),
        Rule(accept=False, status=408, body=""),
        Rule(accept=False, status=400, body='{"errors": [{"code": "10008"}]}'),
        Rule(accept=False, status=500, code=10007),
        Rule(accept=False, status=502, body="<html>"),
        Rule(accept=False, status=504, body=""),
    ],
    ids=lambda rule: f"{rule.then}-{rule.status}-{(rule.body or '')[:30]}",
)
def test_without_a_clear_answer_the_outcome_is_unknown_and_nothing_is_sent_again(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing, rule: Rule
) -> None:
    stand_in.rule(rule)

    result = telnyx.send(text)

    assert isinstance(result, Unknown), result
    assert len(stand_in.arrivals()) == 1


@pytest.mark.parametrize("rule", [Rule(then="hang"), Rule(delay=(3.0, 3.0))])
def test_an_answer_that_does_not_come_in_time_is_unknown(
    hasty: Telnyx, stand_in: StandIn, text: Outgoing, rule: Rule
) -> None:
    stand_in.rule(rule)

    assert hasty.send(text) == Unknown("Telnyx did not answer in time.")


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_drips_in_is_unknown(
    hasty: Telnyx, stand_in: StandIn, text: Outgoing, part: Part
) -> None:
    stand_in.drip(part)

    assert hasty.send(text) == Unknown("Telnyx did not answer in time.")
    assert len(stand_in.arrivals()) == 1
    assert len(stand_in.arrivals()) == 1


def test_a_closed_port_is_a_refusal_for_now_that_was_no_try(
    telnyx: Telnyx, stand_in: StandIn, text: Outgoing
) -> None:
    stand_in.refuse()
    result = refused(telnyx.send(text))
    stand_in.listen()

    assert (result.code, result.permanent, result.reached) == ("unreachable", False, False)
    assert isinstance(telnyx.send(text), Accepted)


def test_logs_hold_no_phone_number_no_body_and_no_secret(
    telnyx: Telnyx, text: Outgoing, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        telnyx.send(text)

    assert "5550142" not in caplog.text
    assert "count on you" not in caplog.text
    assert API_KEY not in caplog.text
