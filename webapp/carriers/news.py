"""What a carrier tells us: texts that people sent, and what became of ours."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

OptOutType = Literal["STOP", "START", "HELP"]
DeliveryStatus = Literal["sent", "delivered", "undelivered", "failed"]


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that somebody sent to one of our numbers.

    `sender` and `to` are as the carrier writes them: mostly E.164, sometimes a short code.
    `also_to` are the other recipients of a group text; our number may be one of these. `media` are
    addresses of pictures at the carrier. `opt_out_type` is what the carrier itself did with the
    text. (provider, provider_id) is unique: the same pair again is the same text. `sent_at` is
    known of texts that come late, from the carrier's list; None: just now.
    """

    provider: str
    provider_id: str
    sender: str
    to: str
    body: str
    media: tuple[str, ...] = ()
    opt_out_type: OptOutType | None = None
    segments: int = 1
    sent_at: datetime | None = None
    also_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of a text that the carrier took.

    `status` is None for the carrier's words that say nothing final or that we do not know;
    `raw` keeps the word. `opted_out`: it failed because the recipient asked the carrier to stop.
    """

    provider: str
    provider_id: str
    reference: str | None
    status: DeliveryStatus | None
    raw: str
    error_code: str | None = None
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Departure:
    """A text that left from one of our numbers, by the carrier's own list.

    `recipient` is as the carrier writes it. `sent_at` None: it names no moment. `report` is what
    became of it: a status of None says nothing certain, and our reference is never known.
    """

    recipient: str
    body: str
    sent_at: datetime | None
    report: DeliveryReport
