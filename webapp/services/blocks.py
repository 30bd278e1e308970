"""Blocks: texts that the carrier refuses by itself; it sets them, and it lifts them."""

from datetime import datetime

from sqlalchemy import delete

from webapp.db import changed_rows
from webapp.models import Actor, CarrierBlock, Event
from webapp.services import trail


def lift(
    number_id: int, contact_id: int, campaign_id: int, *, message_id: int, now: datetime
) -> bool:
    """Forget a block that the carrier says it has lifted; False when we knew of none.

    The tags stay as they are: only an admin takes an opt-out away (decision 2).
    """
    gone = changed_rows(
        delete(CarrierBlock).where(
            CarrierBlock.number_id == number_id, CarrierBlock.contact_id == contact_id
        )
    )
    if gone:
        trail.record(
            Event.CARRIER_UNBLOCKED,
            campaign_id=campaign_id,
            actor=Actor.CARRIER,
            now=now,
            contact_id=contact_id,
            message_id=message_id,
        )
    return bool(gone)
