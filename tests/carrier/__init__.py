"""A stand-in carrier: Twilio's API on loopback, and Twilio's calls to Heed."""

from tests.carrier.ledger import Arrival
from tests.carrier.phones import Answered, Twilio
from tests.carrier.plan import Rule
from tests.carrier.service import ACCOUNT_SID, AUTH_TOKEN
from tests.carrier.standin import Remote, Separate, StandIn

__all__ = [
    "ACCOUNT_SID",
    "AUTH_TOKEN",
    "Answered",
    "Arrival",
    "Remote",
    "Rule",
    "Separate",
    "StandIn",
    "Twilio",
]
