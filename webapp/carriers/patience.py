"""One deadline for a whole talk with a carrier, whatever the talk consists of.

The HTTP library has time-outs for each connecting, writing and reading. An answer that drips in,
a byte every few seconds, keeps to all of them and never ends. So the way to the network is wrapped
here: nothing on it lasts longer than what is left of the deadline, the head of an answer and the
greeting of a proxy included. Only the look-up of a name has no other limit than the resolver's.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import httpcore2
import httpx2

# When the talk has to be over; each thread has its own.
_ends: ContextVar[float | None] = ContextVar("ends", default=None)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """What a client from `watched` does inside raises TimeoutException when the time is up."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def watched(client: httpx2.Client) -> httpx2.Client:
    """The same client, new and unused, which from now on keeps to `at_most`; also by a proxy.

    The library has no public place for this, so tests send drips through all kinds of talks.
    """
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx2.HTTPTransport):
            pool = transport._pool
            pool._network_backend = _Network(pool._network_backend)
    return client


def _left(timeout: float | None, error: type[httpcore2.TimeoutException]) -> float | None:
    """How long the next step may take; raises the error when there is no time left."""
    ends = _ends.get()
    if ends is None:
        return timeout
    left = ends - time.monotonic()
    if left <= 0:
        raise error("The time is up.")
    return left if timeout is None else min(timeout, left)


class _Network(httpcore2.NetworkBackend):
    """Opens connections that keep to the deadline."""

    def __init__(self, real: httpcore2.NetworkBackend) -> None:
        self._real = real

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect, at the first address of the host that answers; ConnectTimeout when the time is
        up. Left to the library, each address would have all of it."""
        *others, last = _addresses(host, port)
        for address in others:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                left = _left(timeout, httpcore2.ConnectTimeout)
                return _Stream(
                    self._real.connect_tcp(address, port, left, local_address, socket_options)
                )
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._real.connect_tcp(last, port, left, local_address, socket_options))


def _addresses(host: str, port: int) -> list[str]:
    """Where a host is; a name that nobody knows stays as it is, for the library to fail with."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return [host]
    return [str(address[0]) for *_, address in found]


class _Stream(httpcore2.NetworkStream):
    """A connection that keeps to the deadline of whoever uses it."""

    def __init__(self, real: httpcore2.NetworkStream) -> None:
        self._real = real

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there; ReadTimeout when the time is up."""
        return self._real.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all; WriteTimeout when the time is up."""
        self._real.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        """Close it, at any time."""
        self._real.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Begin TLS; ConnectTimeout when the time is up."""
        timeout = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._real.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._real.get_extra_info(info)
