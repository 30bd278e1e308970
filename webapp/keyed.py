"""A keyed hash for what has to be recognized and may not be known any more.

The key is derived from the secret key of the installation: whoever has a copy of the database
alone cannot try all numbers. With another secret key nothing is recognized any more.
"""

import hashlib
import hmac

_PURPOSE = b"numbers that were erased"
_keys: list[bytes] = []


def set_up(secret: str) -> None:
    """Derive the key; the application does it once, when it is made."""
    _keys[:] = [hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)]


def of(campaign_id: int, phone: str) -> str:
    """The hash of a phone in a campaign: 64 characters, another one in every campaign."""
    (key,) = _keys
    return hmac.digest(key, f"{campaign_id}/{phone}".encode(), hashlib.sha256).hex()


def print_of(secret: str) -> str:
    """By what a backup knows the secret key that belongs to it; nothing about the key itself."""
    return hmac.digest(secret.encode(), b"the print of this key", hashlib.sha256).hex()[:16]
