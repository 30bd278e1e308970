"""What Telnyx's webhooks say: one address, one JSON event for each call."""

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from webapp.carriers.answers import LONGEST_ID, LONGEST_PHONE, as_object, within, words
from webapp.carriers.base import (
    BadWebhookError,
    DeliveryReport,
    DeliveryStatus,
    Inbound,
    OptOutType,
)
from webapp.carriers.telnyx_answers import OPTED_OUT, error_code

PROVIDER = "telnyx"
MEDIA_AT_MOST = 10
RECIPIENTS_AT_MOST = 20
REPORTS = ("message.sent", "message.finalized")
STATUSES: dict[str, DeliveryStatus] = {
    "sent": "sent",
    # Nobody will ever know whether it arrived: as good as a text that was handed on.
    "delivery_unconfirmed": "sent",
    "delivered": "delivered",
    "delivery_failed": "undelivered",
    "expired": "undelivered",
    "sending_failed": "failed",
    "cancelled": "failed",
}
# What Telnyx itself did with the text.
OPT_OUT_TYPES: dict[str, OptOutType] = {
    "STOP": "STOP",
    "START": "START",
    "HELP": "HELP",
    "INFO": "HELP",
}


def read(body: bytes) -> Inbound | DeliveryReport | None:
    """The text or the report in an event; None for events of another type.

    Raises BadWebhookError when there is no event, no message id, or no sender.
    """
    event = as_object(body)
    if not event:
        raise BadWebhookError("The webhook is not JSON.")
    kind = words(within(event, "data", "event_type"))
    if not kind:
        raise BadWebhookError("The webhook has no event_type.")
    if kind == "message.received":
        return _inbound(event)
    return _report(event) if kind in REPORTS else None


def _inbound(event: Mapping[str, object]) -> Inbound:
    message = within(event, "data", "payload")
    sender = words(within(message, "from", "phone_number")).strip()
    if not sender:
        raise BadWebhookError("The webhook has no sender.")
    if len(sender) > LONGEST_PHONE:
        raise BadWebhookError("The webhook's sender is too long.")
    parts = within(message, "parts")
    kept = words(within(message, "autoresponse_type")).strip().upper()
    to, *also_to = [*_recipients(message), ""]
    return Inbound(
        provider=PROVIDER,
        provider_id=_id(message),
        sender=sender,
        to=to,
        body=words(within(message, "text")),
        media=_media(within(message, "media")),
        opt_out_type=OPT_OUT_TYPES.get(kept),
        segments=int(parts) if isinstance(parts, int) and 1 <= parts <= 99 else 1,
        also_to=tuple(filter(None, also_to)),
    )


def _recipients(message: object) -> list[str]:
    """To whom a text went, in the order of the event; a group text names several.

    Each is an object with its phone_number; a bare number, or one that stands alone, is as good.
    """
    listed = [within(message, name) for name in ("to", "cc")]
    flat = [one for some in listed for one in (some if isinstance(some, list) else [some])]
    phones = (words(within(one, "phone_number")) or words(one) for one in flat)
    found = [phone.strip() for phone in phones if phone.strip()]
    return found[:RECIPIENTS_AT_MOST]


def _report(event: Mapping[str, object]) -> DeliveryReport:
    message = within(event, "data", "payload")
    raw = words(within(message, "to", 0, "status")).strip().lower()
    code = error_code(within(message, "errors"))
    return DeliveryReport(
        provider=PROVIDER,
        provider_id=_id(message),
        reference=_reference(event),
        status=STATUSES.get(raw),
        raw=raw,
        error_code=code,
        opted_out=code == OPTED_OUT,
    )


def _id(message: object) -> str:
    value = words(within(message, "id")).strip()
    if not value:
        raise BadWebhookError("The webhook has no message id.")
    if len(value) > LONGEST_ID:
        raise BadWebhookError("The webhook's message id is too long.")
    return value


def _reference(event: Mapping[str, object]) -> str | None:
    """Our word for the text: in the address that we gave with it, which the event repeats.

    Taken from there and not from the address of this call, because the signature covers the
    body alone.
    """
    for url in (
        words(within(event, "data", "payload", "webhook_url")),
        words(within(event, "meta", "delivered_to")),
    ):
        with suppress(ValueError):  # No address after all, or one with absurdly many fields.
            fields = parse_qs(urlsplit(url).query, max_num_fields=100)
            if "ref" in fields:
                return words(fields["ref"][0])
    return None


def _media(listed: object) -> tuple[str, ...]:
    items = listed[:MEDIA_AT_MOST] if isinstance(listed, list) else []
    urls = (words(within(one, "url")).strip() for one in items)
    return tuple(url for url in urls if url)
