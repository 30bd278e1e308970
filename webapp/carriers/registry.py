"""Which carrier the settings name."""

from typing import Protocol

from webapp.carriers.base import Carrier
from webapp.carriers.simulator import Simulator
from webapp.carriers.twilio import Twilio
from webapp.errors import ConfigError


class CarrierSettings(Protocol):
    """The part of the settings that concerns carriers."""

    @property
    def sms_provider(self) -> str:
        """HEED_SMS_PROVIDER."""
        ...

    @property
    def twilio_account_sid(self) -> str:
        """TWILIO_ACCOUNT_SID; may be empty with another provider."""
        ...

    @property
    def twilio_auth_token(self) -> str:
        """TWILIO_AUTH_TOKEN, which also signs the webhooks."""
        ...

    @property
    def twilio_api_base(self) -> str:
        """HEED_TWILIO_API_BASE."""
        ...


def from_settings(settings: CarrierSettings) -> Carrier:
    """A new carrier; keep it for the life of the process, it pools its connections.

    Raises ConfigError when the provider is unknown or one of its settings is missing or wrong.
    """
    if settings.sms_provider == "simulator":
        return Simulator()
    if settings.sms_provider != "twilio":
        raise ConfigError(f"There is no text provider called “{settings.sms_provider}”.")
    try:
        return Twilio(
            settings.twilio_account_sid,
            settings.twilio_auth_token,
            api_base=settings.twilio_api_base,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from error
