"""Just enough HTTP/1.1 to play a server that can also misbehave."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

LONGEST_BODY = 4 * 1024 * 1024
DRIPS_EVERY = 0.05  # seconds
Part = Literal["head", "body"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request with the moment at which its head was complete, on two clocks."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    came: float
    came_at: float

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        """The query's fields."""
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def form(self) -> dict[str, str]:
        """The body's form fields, the first of each name."""
        fields = parse_qs(self.body.decode("utf-8"), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `hang_up` closes the connection afterwards, unannounced.

    `drips`: from its head or its body on it comes byte by byte.
    """

    status: int = 200
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    drips: Part | None = None

    @classmethod
    def of(cls, value: Any, status: int = 200, **more: Any) -> "Response":
        """An answer in JSON."""
        return cls(status, json.dumps(value).encode(), **more)


class BreakOffError(Exception):
    """End the connection without an answer; `reset` does it the hard way."""

    def __init__(self, *, reset: bool = False) -> None:
        """By FIN or, with `reset`, by RST."""
        super().__init__()
        self.reset = reset


Answer = Callable[[Request], Awaitable[Response]]


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Answer the requests of one connection until either side ends it."""
    try:
        while (request := await _read(reader)) is not None:
            response = await answer(request)
            await _write(writer, response)
            if response.hang_up or request.headers.get("connection", "").lower() == "close":
                break
    except BreakOffError as order:
        if order.reset:
            _set_to_reset(writer)
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        pass  # The client went away or does not speak HTTP; there is nobody to tell.
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    came, came_at = time.monotonic(), time.time()
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= LONGEST_BODY:
        raise ValueError("The body is too long.")
    body = await reader.readexactly(length)
    return Request(method, target, headers, body, came, came_at)


async def _write(writer: asyncio.StreamWriter, response: Response) -> None:
    whole = _encoded(response)
    begins = {"head": 0, "body": whole.index(b"\r\n\r\n") + 4}
    at_once = len(whole) if response.drips is None else begins[response.drips]
    writer.write(whole[:at_once])
    await writer.drain()
    for byte in whole[at_once:]:
        await asyncio.sleep(DRIPS_EVERY)
        writer.write(bytes([byte]))
        await writer.drain()


def _encoded(response: Response) -> bytes:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(response.content)),
        **response.headers,
    }
    reason = HTTPStatus(response.status).phrase
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + response.content


def _set_to_reset(writer: asyncio.StreamWriter) -> None:
    plug = writer.get_extra_info("socket")
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
