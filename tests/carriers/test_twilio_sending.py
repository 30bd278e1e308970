"""Sending through Twilio: each result comes from a server that really behaves that way."""

import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.carrier import ACCOUNT_SID, AUTH_TOKEN, Rule, StandIn
from tests.carrier.http import Part
from webapp.carriers.base import Accepted, Outgoing, Refused, Unknown
from webapp.carriers.twilio import Twilio

ROOT = Path(__file__).resolve().parents[2]


def refused(result: object) -> Refused:
    assert isinstance(result, Refused), result
    return result


def test_a_text_reaches_twilio_as_it_was_written(
    twilio: Twilio, stand_in: StandIn, text: Outgoing
) -> None:
    result = twilio.send(text)

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
def test_the_reference_comes_back_in_the_query_of_the_callback(
    twilio: Twilio, stand_in: StandIn, text: Outgoing, status_url: str, query: dict[str, list[str]]
) -> None:
    twilio.send(replace(text, status_url=status_url, reference="a&b=ü"))

    [arrival] = stand_in.arrivals()
    assert parse_qs(urlsplit(arrival.status_callback or "").query) == query


def test_without_an_address_no_callback_is_asked_for(
    twilio: Twilio, stand_in: StandIn, text: Outgoing
) -> None:
    twilio.send(replace(text, status_url=None))

    assert stand_in.arrivals()[0].status_callback is None


def test_a_recipient_who_opted_out_at_the_carrier_is_never_tried_again(
    twilio: Twilio, stand_in: StandIn, text: Outgoing
) -> None:
    stand_in.opted_out(text.recipient)

    result = refused(twilio.send(text))

    assert (result.code, result.permanent, result.opted_out) == ("21610", True, True)


@pytest.mark.parametrize("code", [21211, 21408, 21614, 21999])
def test_a_number_that_twilio_cannot_text_is_refused_for_good(
    twilio: Twilio, stand_in: StandIn, text: Outgoing, code: int
) -> None:
    stand_in.answer(400, code)

    result = refused(twilio.send(text))

    assert (result.code, result.permanent, result.opted_out) == (str(code), True, False)


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, 20429), (429, None), (503, 20503), (503, None), (400, 21611), (401, 20003), (408, None)],
)
def test_what_passes_is_refused_for_now(
    twilio: Twilio, stand_in: StandIn, text: Outgoing, status: int, code: int | None
) -> None:
    stand_in.answer(status, code)

    result = refused(twilio.send(text))

    assert result.permanent is False
    assert result.code == (str(code) if code else f"http-{status}")
    assert result.retry_after is None


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("999999", 3600.0),
        ("nan", None),
        ("1e999", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_the_time_that_twilio_names_is_passed_on_within_reason(
    twilio: Twilio, stand_in: StandIn, text: Outgoing, given: str, seconds: float | None
) -> None:
    stand_in.answer(429, 20429, retry_after=given)

    assert refused(twilio.send(text)).retry_after == seconds


def test_the_time_may_be_a_date(twilio: Twilio, stand_in: StandIn, text: Outgoing) -> None:
    stand_in.answer(503, None, retry_after=formatdate(time.time() + 100, usegmt=True))

    seconds = refused(twilio.send(text)).retry_after

    assert seconds is not None
    assert 90 < seconds <= 100


def test_the_reason_of_a_refusal_holds_no_phone_number(
    twilio: Twilio, stand_in: StandIn, text: Outgoing
) -> None:
    said = f'{{"code": 21211, "message": "{text.recipient} is not valid"}}'
    stand_in.rule(Rule(accept=False, status=400, body=said))

    assert "555" not in refused(twilio.send(text)).reason


@pytest.mark.parametrize(
    "rule",
    [
        Rule(then="close"),
        Rule(then="reset"),
        Rule(accept=False, then="close"),
        Rule(accept=False, then="reset"),
        Rule(then="garbage"),
        Rule(status=200, body=""),
        Rule(status=201, body="[]"),
        Rule(status=201, body='{"sid": null}'),
        Rule(status=201, body='{"sid": "' + "x" * 65 + '"}'),
        Rule(status=302, body=""),
        Rule(accept=False, status=500, code=20500),
        Rule(accept=False, status=502, body="<html>"),
        Rule(accept=False, status=504, body=""),
        Rule(
            status=503,
            body="upstream connect error or disconnect/reset before headers. reset reason: x",
        ),
    ],
    ids=lambda rule: f"{rule.then}-{rule.status}-{'taken' if rule.accept else 'not-taken'}",
)
def test_without_a_clear_answer_the_outcome_is_unknown_and_nothing_is_sent_again(
    twilio: Twilio, stand_in: StandIn, text: Outgoing, rule: Rule
) -> None:
    stand_in.rule(rule)

    result = twilio.send(text)

    assert isinstance(result, Unknown), result
    assert len(stand_in.arrivals()) == 1


@pytest.mark.parametrize("rule", [Rule(then="hang"), Rule(delay=(3.0, 3.0))])
def test_an_answer_that_does_not_come_in_time_is_unknown(
    hasty: Twilio, stand_in: StandIn, text: Outgoing, rule: Rule
) -> None:
    stand_in.rule(rule)

    result = hasty.send(text)

    assert result == Unknown("Twilio did not answer in time.")
    assert len(stand_in.arrivals()) == 1


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_drips_in_is_unknown_and_the_next_text_goes_through(
    hasty: Twilio, stand_in: StandIn, text: Outgoing, part: Part
) -> None:
    assert isinstance(hasty.send(text), Accepted)
    stand_in.drip(part)
    began = time.monotonic()

    result = hasty.send(text)

    assert time.monotonic() - began < 2
    assert result == Unknown("Twilio did not answer in time.")
    assert len(stand_in.arrivals()) == 2
    stand_in.reset()
    assert isinstance(hasty.send(text), Accepted)


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_proxy_that_drips_holds_no_sender_either(
    stand_in: StandIn, text: Outgoing, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", stand_in.url)
    base = "http://carrier.invalid"
    carrier = Twilio(ACCOUNT_SID, AUTH_TOKEN, api_base=base, connect_timeout=0.2, read_timeout=0.2)
    stand_in.drip(part)
    began = time.monotonic()

    result = carrier.send(text)
    carrier.close()

    assert time.monotonic() - began < 2
    assert result == Unknown("Twilio did not answer in time.")


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port at which nobody answers: its queue is full."""
    with ExitStack() as open_ones:
        server = open_ones.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = open_ones.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """The name of the carrier leads to these addresses, in this order."""
    look_up = socket.getaddrinfo

    def found(host: str, port: int, *args: int, **more: int) -> list[Any]:
        there = addresses if host == "carrier.invalid" else (host,)
        return [one for address in there for one in look_up(address, port, *args, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_many_addresses_at_which_nobody_answers_have_one_deadline_together(
    deaf: int, text: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved(monkeypatch, *["127.0.0.1"] * 10)
    base = f"http://carrier.invalid:{deaf}"
    carrier = Twilio(ACCOUNT_SID, AUTH_TOKEN, api_base=base, connect_timeout=0.3, read_timeout=0.1)
    began = time.monotonic()

    result = carrier.send(text)
    carrier.close()

    assert time.monotonic() - began < 1
    assert isinstance(result, Refused) and not result.reached


def test_an_address_that_is_closed_is_followed_by_the_next_one(
    stand_in: StandIn, text: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved(monkeypatch, "127.0.0.99", "127.0.0.1")
    base = f"http://carrier.invalid:{urlsplit(stand_in.url).port}"
    carrier = Twilio(ACCOUNT_SID, AUTH_TOKEN, api_base=base)
    assert isinstance(carrier.send(text), Accepted)
    carrier.close()


def test_a_connection_from_before_that_breaks_under_a_text_is_unknown(
    twilio: Twilio, stand_in: StandIn, text: Outgoing
) -> None:
    twilio.send(text)
    stand_in.drop(accepted=True)

    result = twilio.send(text)

    assert isinstance(result, Unknown), result
    assert len(stand_in.arrivals()) == 2


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again(
    twilio: Twilio, stand_in: StandIn, text: Outgoing
) -> None:
    twilio.send(text)
    stand_in.refuse()  # This closes the idle connection.
    stand_in.listen()

    assert isinstance(twilio.send(text), Accepted)
    assert len(stand_in.arrivals()) == 2


def test_a_closed_port_is_a_refusal_for_now_and_the_next_text_goes_through(
    twilio: Twilio, stand_in: StandIn, text: Outgoing
) -> None:
    stand_in.refuse()
    result = refused(twilio.send(text))
    stand_in.listen()

    assert (result.code, result.permanent, result.opted_out) == ("unreachable", False, False)
    assert isinstance(twilio.send(text), Accepted)


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port whose queue is full, so that connecting to it takes for ever."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        yield server.getsockname()[1]
        for one in waiting:
            one.close()


def test_a_connection_that_takes_too_long_is_a_refusal_for_now(
    deaf_port: int, text: Outgoing
) -> None:
    base = f"http://127.0.0.1:{deaf_port}"
    carrier = Twilio(ACCOUNT_SID, AUTH_TOKEN, api_base=base, connect_timeout=0.2)

    result = refused(carrier.send(text))
    carrier.close()

    assert (result.code, result.permanent) == ("unreachable", False)


def test_nothing_is_sent_to_a_server_without_proper_tls(stand_in: StandIn, text: Outgoing) -> None:
    base = stand_in.url.replace("http://", "https://")
    carrier = Twilio(ACCOUNT_SID, AUTH_TOKEN, api_base=base, connect_timeout=0.3)

    result = refused(carrier.send(text))
    carrier.close()

    assert (result.code, result.permanent) == ("unreachable", False)
    assert stand_in.arrivals() == []


def test_a_redirect_is_not_followed(twilio: Twilio, stand_in: StandIn, text: Outgoing) -> None:
    elsewhere = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    stand_in.rule(Rule(accept=False, status=307, body="", headers={"Location": elsewhere}))

    assert isinstance(twilio.send(text), Unknown)
    assert len(stand_in.arrivals()) == 1


def test_a_text_for_which_no_connection_is_free_is_a_refusal_for_now(
    stand_in: StandIn, text: Outgoing
) -> None:
    stand_in.hang(accepted=True)
    carrier = Twilio(
        ACCOUNT_SID, AUTH_TOKEN, api_base=stand_in.url, connect_timeout=0.2, connections=1
    )
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(carrier.send, text)
        stand_in.wait(1)
        second = refused(carrier.send(text))
        stand_in.reset()

    carrier.close()
    assert (second.code, second.permanent) == ("busy", False)
    assert isinstance(first.result(), Unknown)
    assert stand_in.arrivals() == []


def test_a_proxy_in_the_environment_does_not_stand_between_us_and_loopback(
    twilio: Twilio, text: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    assert isinstance(twilio.send(text), Accepted)


def test_logs_hold_no_phone_number_no_body_and_no_secret(
    twilio: Twilio, text: Outgoing, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        twilio.send(text)

    assert "5550142" not in caplog.text
    assert "count on you" not in caplog.text
    assert AUTH_TOKEN not in caplog.text


FORKED = """
import os, sys
from webapp.carriers.base import Accepted, Outgoing
from webapp.carriers.twilio import Twilio

carrier = Twilio(sys.argv[1], sys.argv[2], api_base=sys.argv[3])
text = Outgoing("+13125550100", "+13125550142", "Hi", "r")
carrier.send(text)
child = os.fork()
taken = sum(isinstance(carrier.send(text), Accepted) for _ in range(50))
if child == 0:
    os._exit(taken)
print(taken, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_worker_does_not_write_to_its_parents_connection(stand_in: StandIn) -> None:
    command = [sys.executable, "-c", FORKED, ACCOUNT_SID, AUTH_TOKEN, stand_in.url]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout.split() == ["50", "50"], done.stderr
    assert len(stand_in.arrivals()) == 101
