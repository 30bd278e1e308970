"""Static files: an address that changes with the content, so browsers may keep them for good."""

import hashlib
from functools import lru_cache
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from webapp.config import ROOT

FOLDER = ROOT / "static"
A_YEAR = 365 * 24 * 3600


def asset(path: str) -> str:
    """The address of a file in `static/`, such as asset("css/app.css").

    Raises FileNotFoundError when there is no such file, so that a page never links to one.
    """
    file = _file(path)
    return f"/static/{path}?v={_content_hash(file, file.stat().st_mtime_ns)}"


def picture_size(path: str) -> tuple[int, int]:
    """Width and height of a WebP picture in `static/`, so that its page keeps the room for it.

    Raises FileNotFoundError when there is no such file, ValueError when it is no WebP.
    """
    file = _file(path)
    return _webp_size(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _webp_size(file: Path, _changed: int) -> tuple[int, int]:
    """Read from the head of the file (RFC 9649): a lossy frame, or the extended form."""
    head = file.read_bytes()[:30]
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        raise ValueError(f"{file.name} is no WebP picture.")
    if head[12:16] == b"VP8 ":
        width, height = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
        return width & 0x3FFF, height & 0x3FFF
    if head[12:16] == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
        return width + 1, height + 1
    raise ValueError(f"{file.name} is of a kind that is not read here.")


@lru_cache(maxsize=256)
def _file(path: str) -> Path:
    return FOLDER / path


@lru_cache(maxsize=256)
def _content_hash(file: Path, _changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def set_up(app: Flask) -> None:
    """Serve `static/` before the application is asked, and tell templates what is there."""
    app.jinja_env.globals.update(asset=asset, picture_size=picture_size)
    FOLDER.mkdir(exist_ok=True)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(FOLDER),
        prefix="static/",
        max_age=A_YEAR,
        immutable_file_test=lambda _path, _url: True,
        add_headers_function=_static_headers,
        autorefresh=app.debug or app.testing,
    )


def _static_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'"
