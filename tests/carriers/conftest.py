"""A stand-in carrier, and a Twilio and a Telnyx that talk to it."""

from collections.abc import Iterator

import pytest

from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY, StandIn
from webapp.carriers.base import Outgoing
from webapp.carriers.telnyx import Telnyx
from webapp.carriers.twilio import Twilio


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


@pytest.fixture
def twilio(stand_in: StandIn) -> Iterator[Twilio]:
    carrier = Twilio(ACCOUNT_SID, AUTH_TOKEN, api_base=stand_in.url, read_timeout=10)
    yield carrier
    carrier.close()


@pytest.fixture
def telnyx(stand_in: StandIn) -> Iterator[Telnyx]:
    carrier = Telnyx(API_KEY, PUBLIC_KEY, api_base=stand_in.url, read_timeout=10)
    yield carrier
    carrier.close()


@pytest.fixture
def hasty(stand_in: StandIn) -> Iterator[Twilio]:
    """As `twilio`, but it waits a fifth of a second for an answer."""
    carrier = Twilio(
        ACCOUNT_SID, AUTH_TOKEN, api_base=stand_in.url, connect_timeout=0.2, read_timeout=0.2
    )
    yield carrier
    carrier.close()


@pytest.fixture
def text() -> Outgoing:
    return Outgoing(
        sender="+13125550100",
        recipient="+13125550142",
        body="Hi Ana, can we count on you? Reply STOP to quit ✓",
        reference="r-17",
        status_url="https://text.example.org/webhooks/twilio/status",
    )
