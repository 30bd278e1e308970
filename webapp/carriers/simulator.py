"""The carrier of practice mode: takes every text, and nothing leaves the machine."""

import secrets

from webapp.carriers.base import (
    Accepted,
    BadWebhookError,
    DeliveryReport,
    Inbound,
    Outgoing,
    Result,
    Webhook,
)


class Simulator:
    """Accepts everything; the demo phone shows what our own message table holds."""

    name = "simulator"

    def send(self, text: Outgoing) -> Result:
        """Accept, with a fresh id."""
        return Accepted(f"sim-{secrets.token_hex(16)}")

    def verify(self, webhook: Webhook) -> bool:
        """False: nobody outside can speak for the simulator."""
        return False

    def parse_inbound(self, webhook: Webhook) -> Inbound:
        """Raises BadWebhookError: the demo phone calls the services directly."""
        raise BadWebhookError("The simulator takes no webhooks.")

    def parse_status(self, webhook: Webhook) -> DeliveryReport:
        """Raises BadWebhookError: an accepted text has arrived."""
        raise BadWebhookError("The simulator takes no webhooks.")

    def close(self) -> None:
        """There is nothing to give back."""
