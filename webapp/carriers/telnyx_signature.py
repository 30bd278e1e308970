"""Telnyx's webhook signature: Ed25519 over the time-stamp and the raw body."""

import base64
import re
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# A call that is older, or from the future, may be a copy of one that was overheard.
TOLERANCE = 300.0  # seconds


def read_key(given: str) -> Ed25519PublicKey:
    """The public key from its Base64 form; raises ValueError with a sentence."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(given, validate=True))
    except ValueError as error:
        raise ValueError("Telnyx's public key has to be 32 bytes in Base64.") from error


def fits(signature: str, timestamp: str, body: bytes, key: Ed25519PublicKey) -> bool:
    """Whether Telnyx signed this body at this moment, and that was within five minutes."""
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    try:
        key.verify(
            base64.b64decode(signature, validate=True), f"{timestamp}|".encode("ascii") + body
        )
    except (InvalidSignature, ValueError):
        return False
    return True
