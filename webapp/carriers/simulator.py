"""The carrier of practice mode: takes every text, and nothing leaves the machine."""

import secrets

from webapp.carriers.base import (
    Accepted,
    BadWebhookError,
    Checkup,
    Media,
    MediaError,
    Outgoing,
    Result,
    Webhook,
)


class Simulator:
    """Accepts everything; the demo phone shows what our own message table holds."""

    name = "simulator"
    inbound_path = "/webhooks/simulator"
    status_path = "/webhooks/simulator"
    missed = None
    departures = None

    def send(self, text: Outgoing) -> Result:
        """Accept, with a fresh id."""
        return Accepted(f"sim-{secrets.token_hex(16)}")

    def verify(self, webhook: Webhook) -> bool:
        """False: nobody outside can speak for the simulator."""
        return False

    def parse(self, webhook: Webhook) -> None:
        """Raises BadWebhookError: the demo phone calls the services directly."""
        raise BadWebhookError("The simulator takes no webhooks.")

    def fetch_media(self, url: str) -> Media:
        """Raises MediaError: the demo phone sends words alone."""
        raise MediaError("There are no pictures in practice mode.")

    def check(self) -> Checkup:
        """There is nobody to ask."""
        return Checkup("works", "Practice mode: there is no carrier to ask, and nothing leaves.")

    def close(self) -> None:
        """There is nothing to give back."""
