"""The HTTP connections to a carrier's API, and what may go wrong on them."""

import os
import threading
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2

from webapp.carriers import patience
from webapp.carriers.base import CarrierError, Refused, Unknown

# Idle connections are dropped early, long before a load balancer would do it, because a request
# written to a connection that is just being closed ends as Unknown and is not tried again.
KEEP_ALIVE = 4.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ERRAND_TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
Origin = tuple[str, str, int | None]


class Connection:
    """A pool that carries texts, one for each process; safe to use from several threads."""

    def __init__(
        self,
        company: str,
        api_base: str,
        *,
        auth: httpx2.Auth | tuple[str, str],
        connect_timeout: float,
        read_timeout: float,
        connections: int,
    ) -> None:
        """`company` is its name for people. Time-outs in seconds, and both together are the most
        that a whole hand-over takes; at most so many connections at once, each carries one text.
        Opens none yet; ValueError when the address is bad."""
        self.company = company
        base = address(api_base)
        if base is None or base.scheme not in ("http", "https"):
            raise ValueError(f"{company}'s address has to begin with https://.")
        self.base = base
        self.auth = auth
        # A proxy named in the environment is for the world outside, not for a stand-in at home.
        self.is_at_home = self.base.host in LOOPBACK
        self._timeout = httpx2.Timeout(read_timeout, connect=connect_timeout, pool=connect_timeout)
        self._seconds = connect_timeout + read_timeout
        self._limits = httpx2.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=KEEP_ALIVE,
        )
        self._lock = threading.Lock()
        self._client: httpx2.Client | None = None
        self._client_pid = 0

    def hand_over(self, url: str, **content: Any) -> httpx2.Response | Refused | Unknown:
        """Post a text once, as `data` or `json`.

        Only what happens before the request is written counts as refused: no connection, no
        name, no TLS, no free connection in the pool. Everything after that is Unknown, and so
        is a connection that was open from before and breaks: the request may have gone through.
        An answer that drips in is given up when the time for the whole is over, and Unknown.
        """
        try:
            with patience.at_most(self._seconds):
                return self._http().post(url, auth=self.auth, **content)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError):
            return _not_sent("unreachable", f"{self.company} could not be reached.")
        except httpx2.PoolTimeout:
            return _not_sent("busy", f"All connections to {self.company} were busy.")
        except httpx2.TimeoutException:
            return Unknown(f"{self.company} did not answer in time.")
        except httpx2.HTTPError:
            return Unknown(f"The connection to {self.company} broke before it answered.")

    def errand(self) -> httpx2.Client:
        """A client for one errand that is no text, to be closed afterwards.

        It knows no credentials, follows no redirects, and takes no connection from the texts.
        How long it may take in all is said with `patience.at_most`.
        """
        return self._new_client(ERRAND_TIMEOUT, httpx2.Limits(max_connections=2))

    def failed(self, error: httpx2.HTTPError) -> CarrierError:
        """What an errand that failed is called."""
        if isinstance(error, httpx2.TimeoutException):
            return CarrierError(f"{self.company} did not answer in time.")
        return CarrierError(f"{self.company} could not be reached.")

    def close(self) -> None:
        """Close the idle connections; handing over afterwards opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _http(self) -> httpx2.Client:
        # A forked worker must not write to the connections of its parent: one client a process.
        with self._lock:
            if self._client is None or self._client_pid != os.getpid():
                self._client = self._new_client(self._timeout, self._limits)
                self._client_pid = os.getpid()
            return self._client

    def _new_client(self, timeout: httpx2.Timeout, limits: httpx2.Limits) -> httpx2.Client:
        return patience.watched(
            httpx2.Client(
                timeout=timeout,
                limits=limits,
                headers={"Accept": "application/json", "User-Agent": "heed"},
                follow_redirects=False,
                trust_env=not self.is_at_home,
            )
        )


def address(url: str) -> httpx2.URL | None:
    """A web address with a host, or None; the same object is then asked that was looked at."""
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        return None
    return parsed if parsed.host else None


def origin(url: httpx2.URL) -> Origin:
    """Scheme, host and port; the port is None when it is the usual one."""
    return url.scheme, url.host, url.port


def with_reference(url: str, reference: str) -> str:
    """The address of a callback, with our word for the text in its query."""
    separator = "&" if urlsplit(url).query else "?"
    return f"{url}{separator}{urlencode({'ref': reference})}"


def _not_sent(code: str, reason: str) -> Refused:
    return Refused(code=code, reason=reason, permanent=False, reached=False)
