"""Asking a carrier whether it knows us, with a call that changes nothing and costs nothing."""

import time
from collections.abc import Callable

import httpx2

from webapp.carriers.base import Checkup
from webapp.carriers.connection import Connection

ANSWERS_WITHIN = httpx2.Timeout(5.0, connect=3.0)
SLOW = 2.0  # seconds after which an answer is late


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
        with connection.errand() as client:
            answer = client.get(url, auth=connection.auth, timeout=ANSWERS_WITHIN)
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError):
        return Checkup("unreachable", f"{company} can’t be reached from this server.")
    except httpx2.TimeoutException:
        return Checkup("slow", f"{company} didn’t answer within 5 seconds. Texts may be late.")
    except httpx2.HTTPError:
        return Checkup("unreachable", f"The connection to {company} broke before it answered.")
    seconds = time.monotonic() - began
    return _read(answer, company, credentials, seconds, trouble)


def _read(
    answer: httpx2.Response,
    company: str,
    credentials: str,
    seconds: float,
    trouble: Callable[[bytes], str],
) -> Checkup:
    status = answer.status_code
    if status in (401, 403):
        said = f"{company} answers, but it doesn’t take our key. Check {credentials} on the server."
        return Checkup("wrong_key", said)
    if status != 200:
        said = f"{company} answers, but not as expected (HTTP {status}). Try again in a minute."
        return Checkup("odd", said)
    wrong = trouble(answer.content)
    if wrong:
        return Checkup("odd", wrong)
    if seconds >= SLOW:
        said = f"{company} takes our key, but its answer took {seconds:.0f} seconds."
        return Checkup("slow", f"{said} Texts may be late.")
    return Checkup("works", f"{company} answers and takes our key.")
