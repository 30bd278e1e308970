"""Fetching pictures: only from a carrier's own addresses, only types that are safe to hand out."""

import re
from collections.abc import Callable

import httpx2

from webapp.carriers import patience
from webapp.carriers.base import CarrierError, Media, MediaError
from webapp.carriers.connection import Connection, address, origin

LARGEST = 10_000_000  # bytes
REDIRECTS_AT_MOST = 3
SECONDS_AT_MOST = 30.0  # with all redirects

# Amazon's storage, where carriers keep what they host. Not all of amazonaws.com: names of
# machines there can lead into a private network.
S3 = (
    r"(?:[a-z0-9.-]+\.)?s3(?:[.-](?:external-1|dualstack|fips|[a-z]{2}(?:-[a-z]+)+-\d))*"
    r"\.amazonaws\.com"
)

# What browsers show without running anything in it. SVG can hold scripts and is not handed out.
INLINE = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"),
        *("video/mp4", "video/webm", "video/quicktime", "video/3gpp", "video/3gpp2"),
        *("audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/wav", "audio/x-wav"),
        *("audio/webm", "audio/amr", "audio/3gpp", "audio/3gpp2"),
    }
)
AS_FILE = frozenset(
    {
        *("image/heic", "image/heif", "image/tiff", "image/bmp", "image/jpg"),
        *("video/mpeg", "video/x-msvideo", "video/h264", "audio/basic", "audio/midi"),
        *("application/pdf", "text/vcard", "text/x-vcard"),
    }
)

ELSEWHERE = "This picture is not at the carrier, so it is not fetched."
GONE = "The carrier does not have this picture any more."
TOO_LARGE = "This picture is larger than 10 MB, so it is not fetched."
ODD = "This is a kind of file that Heed does not show."

# Sent as it is: what is unpacked while it is read can grow beyond all measure.
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity"}

Allows = Callable[[httpx2.URL], bool]


def public_hosts(connection: Connection, *hosts: str) -> Allows:
    """The rule by which an address may be asked: one of these hosts, by https alone.

    `hosts` are patterns of whole names. Whatever a webhook or a redirect names, no address in
    our own network fits: no number for a host, no other port, no name and password. While the
    carrier itself is a stand-in on this machine, its own address and nothing else fits.
    """
    pattern = re.compile("|".join(f"(?:{host})" for host in hosts))
    home = origin(connection.base) if connection.is_at_home else None

    def allows(url: httpx2.URL) -> bool:
        if url.userinfo:
            return False
        if home is not None:
            return origin(url) == home
        return url.scheme == "https" and url.port is None and bool(pattern.fullmatch(url.host))

    return allows


def fetch(
    connection: Connection,
    url: str,
    *,
    first: Allows,
    then: Allows,
    auth: httpx2.Auth | tuple[str, str] | None = None,
) -> Media:
    """Fetch one picture; `auth` goes to the first address alone, never along a redirect.

    Raises MediaError when an address is not allowed or the picture is not to be had, too large
    or of another type; CarrierError when the carrier cannot be reached or takes too long.
    """
    asked = address(url)
    if asked is None or not first(asked):
        raise MediaError(ELSEWHERE)
    try:
        with connection.errand() as client, patience.at_most(SECONDS_AT_MOST):
            for _ in range(REDIRECTS_AT_MOST + 1):
                with client.stream("GET", asked, auth=auth, headers=HEADERS) as answer:
                    if not answer.has_redirect_location:
                        return _read(answer, connection.company)
                    asked, auth = asked.join(answer.headers["Location"]), None
                client.cookies.clear()
                if not then(asked):
                    raise MediaError(ELSEWHERE)
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise MediaError(ELSEWHERE) from error
    except httpx2.HTTPError as error:
        raise connection.failed(error) from error
    raise MediaError(GONE)


def _read(answer: httpx2.Response, company: str) -> Media:
    if answer.status_code in (401, 403, 404, 410):  # Also when a signed address has lapsed.
        raise MediaError(GONE)
    if answer.status_code != 200:
        raise CarrierError(f"{company} answered with HTTP {answer.status_code}.")
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if kind not in INLINE | AS_FILE or encoding != "identity":
        raise MediaError(ODD)
    content = bytearray()
    for chunk in answer.iter_raw():
        content += chunk
        if len(content) > LARGEST:
            raise MediaError(TOO_LARGE)
    return Media(kind, bytes(content), is_inline=kind in INLINE)
