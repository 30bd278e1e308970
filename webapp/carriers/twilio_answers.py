"""What Twilio's answer to a posted text means."""

from collections.abc import Mapping

from webapp.carriers.answers import LONGEST_ID, as_object, seconds_to_wait
from webapp.carriers.base import Accepted, DeliveryStatus, Refused, Result, Unknown

OPTED_OUT = "21610"
# Its words for what became of a text; those that say nothing final are missing.
STATUSES: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
}

# An admin reads these. Twilio's own sentences are not passed on: they hold phone numbers.
REASONS = {
    "20003": "Twilio did not accept the account SID and auth token.",
    "20005": "The Twilio account is not active.",
    "20404": "Twilio does not know this account.",
    "20429": "Twilio is receiving too many requests from this account.",
    "20503": "Twilio is temporarily unavailable.",
    "21211": "Twilio says that this is not a valid phone number.",
    "21212": "Twilio says that the sending number is not valid.",
    "21408": "The Twilio account may not text this country.",
    "21602": "Twilio refused the text because it is empty.",
    "21604": "Twilio refused the text because it names no recipient.",
    "21606": "The sending number does not belong to the Twilio account or cannot text.",
    "21608": "A Twilio trial account texts verified numbers only.",
    OPTED_OUT: "The recipient has opted out at the carrier.",
    "21611": "Too many texts wait at Twilio for this sending number.",
    "21612": "Twilio cannot text from this number to that one.",
    "21614": "Twilio says that this is not a mobile number.",
    "21617": "Twilio refused the text because it is too long.",
    "21730": "Twilio is being maintained.",
}

# Not the fault of this text: the account or Twilio itself has to recover first, so it may be
# tried again. None of them is an answer to a text that was taken.
TEMPORARY_CODES = frozenset({"20003", "20005", "20404", "20429", "20503", "21611", "21730"})
TEMPORARY_STATUSES = frozenset({401, 404, 408, 429, 503})

# A gateway in front of Twilio says this with 503 when it lost the connection that already
# carried the request, so the text may have been taken.
LOST_BEHIND_GATEWAY = b"disconnect/reset before headers"


def read(status: int, headers: Mapping[str, str], body: bytes) -> Result:
    """Accepted, refused or unknown; `headers` has to look names up in any letter case.

    429 is never taken and safe to try again (Twilio, error 20429), 503 asks to come back
    (20503), while a text that was answered 500 may arrive all the same (20500). The numbers of
    errors change over time, so that the HTTP status decides and known numbers refine it.
    """
    answer = as_object(body)
    if 200 <= status < 300:
        return _accepted(answer)
    if status == 503 and LOST_BEHIND_GATEWAY in body:
        return Unknown("A gateway lost the connection to Twilio after the text was handed over.")
    if status == 503 or 400 <= status < 500:
        return _refused(status, headers, answer)
    return Unknown(f"Twilio answered with HTTP {status}.")


def _accepted(answer: Mapping[str, object]) -> Result:
    provider_id = answer.get("sid")
    if isinstance(provider_id, str) and 0 < len(provider_id) <= LONGEST_ID:
        return Accepted(provider_id)
    return Unknown("Twilio's answer could not be read.")


def _refused(status: int, headers: Mapping[str, str], answer: Mapping[str, object]) -> Refused:
    number = answer.get("code")
    known = isinstance(number, int) and not isinstance(number, bool)
    code = str(number) if known else f"http-{status}"
    opted_out = code == OPTED_OUT
    permanent = status not in TEMPORARY_STATUSES and code not in TEMPORARY_CODES
    return Refused(
        code=code,
        reason=REASONS.get(code, f"Twilio refused the text ({code})."),
        permanent=permanent or opted_out,
        opted_out=opted_out,
        retry_after=seconds_to_wait(headers),
    )


def trouble(body: bytes) -> str:
    """What keeps an account from texting, by what Twilio says of it; "" when nothing does."""
    status = as_object(body).get("status")
    if status == "active":
        return ""
    if status in ("suspended", "closed"):
        return f"Twilio takes our key, but the account is {status}. Nothing can be texted."
    return "Something answers at Twilio’s address, but not as Twilio does."
