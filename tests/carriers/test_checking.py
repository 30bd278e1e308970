"""Asking a carrier whether it knows us."""

import time

import pytest

from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY, StandIn
from tests.carrier.http import Part
from tests.carrier.plan import Rule, Then
from tests.carrier.service import ACCOUNT
from webapp.carriers import checking
from webapp.carriers.base import Carrier
from webapp.carriers.simulator import Simulator
from webapp.carriers.telnyx import Telnyx
from webapp.carriers.twilio import Twilio

COMPANIES = ("Twilio", "Telnyx")


def carrier(company: str, url: str, *, key: str = "") -> Twilio | Telnyx:
    if company == "Twilio":
        return Twilio(ACCOUNT_SID, key or AUTH_TOKEN, api_base=url)
    return Telnyx(key or API_KEY, PUBLIC_KEY, api_base=url)


def asked(one: Carrier) -> tuple[str, str]:
    found = one.check()
    one.close()
    return found.state, found.said


@pytest.mark.parametrize("company", COMPANIES)
def test_a_carrier_that_knows_us_works(stand_in: StandIn, company: str) -> None:
    state, said = asked(carrier(company, stand_in.url))
    assert (state, said) == ("works", f"{company} answers and takes our key.")
    assert stand_in.arrivals() == []


@pytest.mark.parametrize("company", COMPANIES)
def test_a_wrong_key_is_told_without_the_key(stand_in: StandIn, company: str) -> None:
    state, said = asked(carrier(company, stand_in.url, key="sesame-1234"))
    assert state == "wrong_key" and "doesn’t take our key" in said
    assert "sesame" not in said and ACCOUNT_SID not in said


@pytest.mark.parametrize("company", COMPANIES)
def test_a_carrier_that_cannot_be_reached(stand_in: StandIn, company: str) -> None:
    stand_in.refuse()
    state, said = asked(carrier(company, stand_in.url))
    assert state == "unreachable" and f"{company} can’t be reached" in said


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("then", ["close", "reset"])
def test_a_connection_that_breaks(stand_in: StandIn, company: str, then: Then) -> None:
    stand_in.rule(Rule(ACCOUNT, then=then))
    state, said = asked(carrier(company, stand_in.url))
    assert state == "unreachable" and "broke" in said


@pytest.mark.parametrize("company", COMPANIES)
def test_a_slow_answer_is_told(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, company: str
) -> None:
    monkeypatch.setattr(checking, "SLOW", 0.2)
    stand_in.rule(Rule(ACCOUNT, delay=(0.3, 0.3)))
    state, said = asked(carrier(company, stand_in.url))
    assert state == "slow" and "takes our key" in said


@pytest.mark.parametrize("company", COMPANIES)
def test_no_answer_ends_the_wait(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, company: str
) -> None:
    monkeypatch.setattr(checking, "ANSWERS_WITHIN", 0.2)
    stand_in.rule(Rule(ACCOUNT, delay=(2, 2)))
    state, said = asked(carrier(company, stand_in.url))
    assert state == "slow" and "didn’t answer" in said


@pytest.mark.parametrize("part", ["head", "body"])
@pytest.mark.parametrize("company", COMPANIES)
def test_an_answer_that_drips_in_is_given_up(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, company: str, part: Part
) -> None:
    monkeypatch.setattr(checking, "SECONDS_AT_MOST", 0.3)
    stand_in.drip(part)
    began = time.monotonic()
    state, said = asked(carrier(company, stand_in.url))
    assert time.monotonic() - began < 2
    assert state == "slow" and "didn’t answer" in said


@pytest.mark.parametrize("company", COMPANIES)
def test_an_endless_page_is_not_read_to_its_end(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, company: str
) -> None:
    monkeypatch.setattr(checking, "LARGEST", 10)
    page = '{"status": "active", "data": []}' + " " * 3_000_000
    stand_in.rule(Rule(ACCOUNT, status=200, body=page))
    state, said = asked(carrier(company, stand_in.url))
    assert state == "odd" and f"not as {company} does" in said


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
def test_another_answer_is_odd(stand_in: StandIn, company: str, status: int) -> None:
    stand_in.rule(Rule(ACCOUNT, status=status))
    state, said = asked(carrier(company, stand_in.url))
    assert state == "odd" and f"HTTP {status}" in said


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("body", ["<html>Sign in to the hotel</html>", "{}", "[]", "null"])
def test_a_page_of_somebody_else_is_odd(stand_in: StandIn, company: str, body: str) -> None:
    stand_in.rule(Rule(ACCOUNT, status=200, body=body))
    state, said = asked(carrier(company, stand_in.url))
    assert state == "odd" and f"not as {company} does" in said


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_account_that_may_not_text_is_told(stand_in: StandIn, status: str) -> None:
    stand_in.rule(Rule(ACCOUNT, status=200, body=f'{{"sid": "AC1", "status": "{status}"}}'))
    state, said = asked(carrier("Twilio", stand_in.url))
    assert state == "odd" and f"the account is {status}" in said


def test_practice_mode_says_so() -> None:
    state, said = asked(Simulator())
    assert state == "works" and "Practice mode" in said
