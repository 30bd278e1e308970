"""The settings name the carrier."""

from types import SimpleNamespace

import pytest

from tests.carrier import PUBLIC_KEY
from webapp.carriers.registry import from_settings
from webapp.errors import ConfigError


def settings(**given: str) -> SimpleNamespace:
    usual = {
        "sms_provider": "twilio",
        "twilio_account_sid": "AC1",
        "twilio_auth_token": "secret",
        "twilio_api_base": "https://api.twilio.com",
        "telnyx_api_key": "KEY1",
        "telnyx_public_key": PUBLIC_KEY,
        "telnyx_api_base": "https://api.telnyx.com",
    }
    return SimpleNamespace(**{**usual, **given})


@pytest.mark.parametrize("name", ["simulator", "twilio", "telnyx"])
def test_the_provider_in_the_settings_is_the_carrier(name: str) -> None:
    assert from_settings(settings(sms_provider=name)).name == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"sms_provider": "pigeon"},
        {"twilio_account_sid": ""},
        {"twilio_auth_token": ""},
        {"twilio_api_base": "api.twilio.com"},
        {"twilio_api_base": "https://[::1"},
        {"sms_provider": "telnyx", "telnyx_api_key": ""},
        {"sms_provider": "telnyx", "telnyx_public_key": "short"},
        {"sms_provider": "telnyx", "telnyx_api_base": "api.telnyx.com"},
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"^[A-Z].+\.$"):
        from_settings(settings(**wrong))
