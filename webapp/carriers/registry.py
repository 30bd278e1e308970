"""Which carrier the settings name."""

from collections.abc import Callable
from typing import Protocol

from webapp.carriers.base import Carrier
from webapp.carriers.simulator import Simulator
from webapp.carriers.telnyx import Telnyx
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

    @property
    def telnyx_api_key(self) -> str:
        """TELNYX_API_KEY; may be empty with another provider."""
        ...

    @property
    def telnyx_public_key(self) -> str:
        """TELNYX_PUBLIC_KEY, which checks the webhooks."""
        ...

    @property
    def telnyx_api_base(self) -> str:
        """HEED_TELNYX_API_BASE."""
        ...


def from_settings(settings: CarrierSettings) -> Carrier:
    """A new carrier; keep it for the life of the process, it pools its connections.

    Raises ConfigError when the provider is unknown or one of its settings is missing or wrong.
    """
    makers: dict[str, Callable[[CarrierSettings], Carrier]] = {
        "simulator": lambda _: Simulator(),
        "twilio": _twilio,
        "telnyx": _telnyx,
    }
    if settings.sms_provider not in makers:
        raise ConfigError(f"There is no text provider called “{settings.sms_provider}”.")
    try:
        return makers[settings.sms_provider](settings)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _twilio(settings: CarrierSettings) -> Carrier:
    return Twilio(
        settings.twilio_account_sid, settings.twilio_auth_token, api_base=settings.twilio_api_base
    )


def _telnyx(settings: CarrierSettings) -> Carrier:
    return Telnyx(
        settings.telnyx_api_key, settings.telnyx_public_key, api_base=settings.telnyx_api_base
    )
