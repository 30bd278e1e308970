"""A stand-in carrier: Twilio's and Telnyx's API on loopback, and their calls to Heed."""

from tests.carrier.gallery import Visit
from tests.carrier.ledger import Arrival
from tests.carrier.phones import Answered, Twilio
from tests.carrier.plan import Rule
from tests.carrier.service import ACCOUNT_SID, API_KEY, AUTH_TOKEN
from tests.carrier.standin import Remote, Separate, StandIn
from tests.carrier.telnyx_phones import PUBLIC_KEY, Telnyx

__all__ = [
    "ACCOUNT_SID",
    "API_KEY",
    "AUTH_TOKEN",
    "PUBLIC_KEY",
    "Answered",
    "Arrival",
    "Remote",
    "Rule",
    "Separate",
    "StandIn",
    "Telnyx",
    "Twilio",
    "Visit",
]
