"""Twilio's webhook signature: HMAC-SHA1 over the address and the sorted form fields."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def fits(signature: str, url: str, fields: Mapping[str, Sequence[str]], auth_token: str) -> bool:
    """Whether Twilio made this signature; compared in constant time.

    `url` is the public address letter for letter, query included. Twilio signs some calls with
    the port in the address and some without, so both spellings count.
    """
    given = signature.strip().encode("utf-8", "replace")
    expected = [sign(spelling, fields, auth_token) for spelling in _spellings(url)]
    matches = [hmac.compare_digest(given, one.encode("ascii")) for one in expected]
    return any(matches)


def sign(url: str, fields: Mapping[str, Sequence[str]], auth_token: str) -> str:
    """The Base64 signature for one spelling of the address.

    Field names in order, each directly followed by its value; a repeated name appears once per
    different value, those in order too (Twilio, "Secure webhooks").
    """
    signed = url + "".join(
        name + value for name in sorted(fields) for value in sorted(set(fields[name]))
    )
    digest = hmac.new(auth_token.encode(), signed.encode("utf-8", "replace"), hashlib.sha1)
    return base64.b64encode(digest.digest()).decode("ascii")


def _spellings(url: str) -> list[str]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return [url]
    if port is not None:
        return [url, parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()]
    default = DEFAULT_PORTS.get(parts.scheme)
    if default is None:
        return [url]
    return [url, parts._replace(netloc=f"{parts.netloc}:{default}").geturl()]
