"""Asking a carrier whether it knows us, with a call that changes nothing and costs nothing."""

import time
from collections.abc import Callable

import httpx2

from webapp.carriers import patience
from webapp.carriers.base import Checkup
from webapp.carriers.connection import Connection

ANSWERS_WITHIN = httpx2.Timeout(5.0, connect=3.0)
SECONDS_AT_MOST = 5.0  # for the whole call
SLOW = 2.0  # seconds after which an answer is late
LARGEST = 1_000_000  # bytes; what carriers say of an account is a few thousand
# Sent as it is: what is unpacked while it is read can grow beyond all measure.
HEADERS = {"Accept-Encoding": "identity"}


def ask(
    connection: Connection,
    url: str,
    *,
    credentials: str,
    trouble: Callable[[bytes], str] = lambda content: "",
) -> Checkup:
    """Fetch a page of the carrier's API that only those see whom it knows.

    `credentials` names the settings to look at when it does not know us. `trouble` reads the
    page: a sentence for what keeps the account from texting, or "".
    """
    company, began = connection.company, time.monotonic()
    try:
        with connection.errand() as client, patience.at_most(SECONDS_AT_MOST):
            status, page = _page(client, url, connection.auth)
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError):
        return Checkup("unreachable", f"{company} can’t be reached from this server.")
    except httpx2.TimeoutException:
        return Checkup("slow", f"{company} didn’t answer within 5 seconds. Texts may be late.")
    except httpx2.HTTPError:
        return Checkup("unreachable", f"The connection to {company} broke before it answered.")
    seconds = time.monotonic() - began
    return _read(status, page, company, credentials, seconds, trouble)


def _page(
    client: httpx2.Client, url: str, auth: httpx2.Auth | tuple[str, str]
) -> tuple[int, bytes]:
    """The status and the page; of one larger than LARGEST nothing: it is not the carrier's."""
    page = bytearray()
    with client.stream("GET", url, auth=auth, headers=HEADERS, timeout=ANSWERS_WITHIN) as answer:
        for chunk in answer.iter_raw():
            page += chunk
            if len(page) > LARGEST:
                return answer.status_code, b""
    return answer.status_code, bytes(page)


def _read(
    status: int,
    page: bytes,
    company: str,
    credentials: str,
    seconds: float,
    trouble: Callable[[bytes], str],
) -> Checkup:
    if status in (401, 403):
        said = f"{company} answers, but it doesn’t take our key. Check {credentials} on the server."
        return Checkup("wrong_key", said)
    if status != 200:
        said = f"{company} answers, but not as expected (HTTP {status}). Try again in a minute."
        return Checkup("odd", said)
    wrong = trouble(page)
    if wrong:
        return Checkup("odd", wrong)
    if seconds >= SLOW:
        said = f"{company} takes our key, but its answer took {seconds:.0f} seconds."
        return Checkup("slow", f"{said} Texts may be late.")
    return Checkup("works", f"{company} answers and takes our key.")
