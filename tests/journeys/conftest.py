"""A second application over the tests' database: with a carrier, as in production."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY, StandIn
from tests.client import Browser
from tests.journeys.lines import Line, TelnyxLine, TwilioLine
from tests.journeys.scene import Scene
from webapp.app import create_app
from webapp.config import Settings
from webapp.db import db
from webapp.jobs import carrier_of
from webapp.services import audit


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    with StandIn() as carrier:
        yield carrier


@pytest.fixture(scope="session")
def twilio_settings(settings: Settings, stand_in: StandIn) -> Settings:
    """The tests' settings with Twilio, whose part the stand-in plays."""
    return replace(
        settings,
        sms_provider="twilio",
        twilio_account_sid=ACCOUNT_SID,
        twilio_auth_token=AUTH_TOKEN,
        twilio_api_base=stand_in.url,
        sending_rate=10_000.0,
        testing=False,
    )


@pytest.fixture(scope="session")
def _live(fresh_app: Flask, twilio_settings: Settings) -> Iterator[Flask]:
    made = create_app(twilio_settings)
    made.test_client_class = Browser
    yield made
    carrier_of(made).close()


@pytest.fixture(scope="session")
def _live_by_telnyx(
    fresh_app: Flask, twilio_settings: Settings, stand_in: StandIn
) -> Iterator[Flask]:
    settings = replace(
        twilio_settings,
        sms_provider="telnyx",
        telnyx_api_key=API_KEY,
        telnyx_public_key=PUBLIC_KEY,
        telnyx_api_base=stand_in.url,
    )
    made = create_app(settings)
    made.test_client_class = Browser
    yield made
    carrier_of(made).close()


@pytest.fixture
def carrier(stand_in: StandIn) -> StandIn:
    """The carrier, with nothing in its book."""
    stand_in.reset()
    return stand_in


@pytest.fixture
def live(app: Flask, _live: Flask, carrier: StandIn) -> Iterator[Flask]:
    """Heed as it runs in production, over the database of this test."""
    yield _live
    with _live.app_context():
        # The next test has another database file in the same place.
        db.engine.dispose()


@pytest.fixture
def scene(live: Flask, carrier: StandIn) -> Iterator[Scene]:
    """A campaign with a number, an admin and a texter; in the end everything has to hold."""
    made = Scene(live, carrier)
    yield made
    _look_after(made)


@pytest.fixture(params=[TwilioLine, TelnyxLine], ids=["twilio", "telnyx"])
def either_scene(request: pytest.FixtureRequest, app: Flask, carrier: StandIn) -> Iterator[Scene]:
    """The same by each of the carriers."""
    line: Line = request.param()
    live = request.getfixturevalue("_live" if line.name == "twilio" else "_live_by_telnyx")
    made = Scene(live, carrier, line)
    yield made
    _look_after(made)
    with live.app_context():
        db.engine.dispose()


def _look_after(made: Scene) -> None:
    db.session.rollback()
    wrong = [finding for finding in audit.run() if not finding.ok]
    assert [finding.check for finding in wrong] == made.wrong_in_the_end, wrong
