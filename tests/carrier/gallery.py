"""Pictures that came with texts, and whom the stand-in has told where they lie."""

import secrets
import threading
from dataclasses import dataclass

from tests.carrier.http import Request, Response

SHELF = "/shelf/"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture. `hops`: redirects before it is given out; `location`: sent elsewhere."""

    sid: str
    content: bytes
    content_type: str
    hops: int = 0
    location: str | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody asked for a picture: where, and with which credentials."""

    path: str
    authorization: str | None


class Gallery:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        """Empty."""
        self._lock = threading.Lock()
        self._pictures: dict[str, Picture] = {}
        self._visits: list[Visit] = []

    def hang(self, content: bytes, content_type: str, **more: object) -> str:
        """Keep a picture; returns its sid."""
        sid = f"ME{secrets.token_hex(16)}"
        with self._lock:
            self._pictures[sid] = Picture(sid, content, content_type, **more)  # type: ignore[arg-type]
        return sid

    def visits(self) -> list[Visit]:
        """Who asked, in order."""
        with self._lock:
            return list(self._visits)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._pictures.clear()
            self._visits.clear()

    def answer(self, request: Request, sid: str, hop: int = 0) -> Response | None:
        """The picture, or the redirect before it; None when there is no such picture."""
        with self._lock:
            self._visits.append(Visit(request.path, request.headers.get("authorization")))
            picture = self._pictures.get(sid)
        if picture is None:
            return None
        if picture.location is not None:
            return Response(307, b"", {"Location": picture.location})
        if hop < picture.hops:
            return Response(307, b"", {"Location": f"{SHELF}{sid}?hop={hop + 1}"})
        headers = {"Content-Type": picture.content_type, **dict(picture.headers)}
        return Response(picture.status, picture.content, headers)
