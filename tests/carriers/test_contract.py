"""What holds for every carrier."""

import inspect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY, StandIn
from webapp.carriers.base import Accepted, BadWebhookError, Carrier, Outgoing, Webhook
from webapp.carriers.simulator import Simulator
from webapp.carriers.telnyx import Telnyx
from webapp.carriers.twilio import Twilio
from webapp.jobs import worker
from webapp.services import delivery

PUBLIC = "https://text.example.org"
EMPTY = Webhook(f"{PUBLIC}/webhooks/x/inbound", {}, b"")


@pytest.fixture(params=["simulator", "twilio", "telnyx"])
def carrier(request: pytest.FixtureRequest, stand_in: StandIn) -> Iterator[Carrier]:
    made: dict[str, Carrier] = {
        "simulator": Simulator(),
        "twilio": Twilio(ACCOUNT_SID, AUTH_TOKEN, api_base=stand_in.url),
        "telnyx": Telnyx(API_KEY, PUBLIC_KEY, api_base=stand_in.url),
    }
    carrier = made[request.param]
    assert carrier.name == request.param
    yield carrier
    carrier.close()


@pytest.mark.parametrize("made", [Twilio, Telnyx])
def test_a_hand_over_ends_before_a_worker_stops_waiting_or_the_text_is_given_up(
    made: type[Twilio] | type[Telnyx],
) -> None:
    usual = inspect.signature(made).parameters
    whole = usual["connect_timeout"].default + usual["read_timeout"].default
    assert whole < worker.STOPS_WITHIN < delivery.GIVEN_UP_AFTER.total_seconds()


def test_each_accepted_text_has_an_id_of_its_own_also_from_many_threads(
    carrier: Carrier, text: Outgoing
) -> None:
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: carrier.send(text), range(64)))

    ids = {one.provider_id for one in results if isinstance(one, Accepted)}
    assert len(ids) == 64
    assert all(0 < len(one) <= 64 for one in ids)


def test_a_call_without_a_signature_is_not_believed(carrier: Carrier) -> None:
    assert carrier.verify(EMPTY) is False


def test_a_call_without_content_is_refused_with_a_sentence(carrier: Carrier) -> None:
    for path in (carrier.inbound_path, carrier.status_path):
        with pytest.raises(BadWebhookError, match=r"^The .+\.$"):
            carrier.parse(replace(EMPTY, url=f"{PUBLIC}{path}"))


def test_a_carrier_says_where_it_calls_us(carrier: Carrier) -> None:
    for path in (carrier.inbound_path, carrier.status_path):
        assert path.startswith(f"/webhooks/{carrier.name}")


def test_closing_twice_is_harmless_and_sending_afterwards_works(
    carrier: Carrier, text: Outgoing
) -> None:
    carrier.send(text)
    carrier.close()
    carrier.close()

    assert isinstance(carrier.send(text), Accepted)
