"""What Telnyx's answer to a posted text means."""

from collections.abc import Mapping

from webapp.carriers.answers import (
    LONGEST_CODE,
    LONGEST_ID,
    as_object,
    seconds_to_wait,
    within,
    words,
)
from webapp.carriers.base import Accepted, Refused, Result, Unknown

OPTED_OUT = "40300"
TIMED_OUT = "10008"

# An admin reads these. Telnyx's own sentences are not passed on: they hold phone numbers.
REASONS = {
    "10001": "Telnyx says that the sending number is not active.",
    "10002": "Telnyx says that this is not a valid phone number.",
    "10005": "Telnyx does not know this address of its API.",
    "10009": "Telnyx did not accept the API key.",
    "10010": "The API key may not send texts.",
    "10011": "Telnyx is receiving too many requests from this account.",
    "20100": "The Telnyx account has no money left.",
    OPTED_OUT: "The recipient has opted out at the carrier.",
    "40302": "Telnyx refused the text because it is too long.",
    "40305": "The sending number does not belong to the Telnyx account or cannot text.",
    "40310": "Telnyx says that this is not a number that can be texted.",
    "40318": "Too many texts wait at Telnyx for this sending number.",
}

# Not the fault of this text: the account or Telnyx itself has to recover first, so it may be
# tried again. None of them is an answer to a text that was taken.
TEMPORARY_CODES = frozenset({"10005", "10009", "10011", "20100", "40318"})
TEMPORARY_STATUSES = frozenset({401, 404, 429, 503})


def read(status: int, headers: Mapping[str, str], body: bytes) -> Result:
    """Accepted, refused or unknown; `headers` has to look names up in any letter case.

    The HTTP status decides and known numbers refine it. Where Telnyx itself ran out of time
    (408, error 10008) nobody can say whether it took the text.
    """
    answer = as_object(body)
    code = error_code(answer.get("errors"))
    if 200 <= status < 300:
        return _accepted(answer)
    if status == 408 or code == TIMED_OUT:
        return Unknown("Telnyx did not answer in time.")
    if status == 503 or 400 <= status < 500:
        return _refused(status, headers, answer, code or f"http-{status}")
    return Unknown(f"Telnyx answered with HTTP {status}.")


def error_code(errors: object) -> str | None:
    """The number of the first error in a list of them; that of an opt-out comes before others."""
    listed = errors if isinstance(errors, list) else []
    found = [within(one, "code") for one in listed]
    codes = [str(one) if isinstance(one, int) else words(one).strip() for one in found]
    if OPTED_OUT in codes:
        return OPTED_OUT
    return next((code[:LONGEST_CODE] for code in codes if code), None)


def _accepted(answer: Mapping[str, object]) -> Result:
    provider_id = within(answer, "data", "id")
    if isinstance(provider_id, str) and 0 < len(provider_id) <= LONGEST_ID:
        return Accepted(provider_id)
    return Unknown("Telnyx's answer could not be read.")


def _refused(
    status: int, headers: Mapping[str, str], answer: Mapping[str, object], code: str
) -> Refused:
    opted_out = code == OPTED_OUT
    permanent = status not in TEMPORARY_STATUSES and code not in TEMPORARY_CODES
    return Refused(
        code=code,
        reason=REASONS.get(code, f"Telnyx refused the text ({code})."),
        permanent=permanent or opted_out,
        opted_out=opted_out,
        retry_after=seconds_to_wait(headers),
    )


def trouble(body: bytes) -> str:
    """What is odd about a list of our messaging profiles; "" when nothing is."""
    if isinstance(as_object(body).get("data"), list):
        return ""
    return "Something answers at Telnyx’s address, but not as Telnyx does."
