"""May we text this contact? One answer for each kind of texting, and what stands in the way."""

from dataclasses import dataclass

from sqlalchemy import select

from webapp.db import db
from webapp.models import (
    Campaign,
    CarrierBlock,
    Contact,
    ContactTag,
    Number,
    NumberKind,
    Reason,
    Texting,
)
from webapp.services import optouts, safeguard


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a contact can be texted in one kind of texting; the first reason against it wins.

    `opt_out` is the built-in tag's row; `blocked_by` are our numbers of this kind that the
    carrier refuses texts from: others may still reach the contact.
    """

    texting: Texting
    reason: Reason | None
    opt_out: ContactTag | None
    blocked_by: tuple[Number, ...]

    @property
    def can_text(self) -> bool:
        """Whether nothing stands in the way, as far as is known before an action is chosen."""
        return self.reason is None


def verdicts(contact: Contact) -> dict[Texting, Verdict]:
    """What Safeguard would say of a contact, by kind of texting, in its order of reasons."""
    standing = optouts.standing(contact)
    campaign = db.session.get_one(Campaign, contact.campaign_id)
    abroad = contact.country not in safeguard.countries(campaign)
    numbers = db.session.scalars(
        select(Number).where(Number.campaign_id == campaign.id, Number.retired_at.is_(None))
    ).all()
    refusing = set(
        db.session.scalars(
            select(CarrierBlock.number_id).where(CarrierBlock.contact_id == contact.id)
        )
    )
    found = {}
    for kind in Texting:
        serving = [one for one in numbers if one.kind in (NumberKind.BOTH, NumberKind(kind.value))]
        blocked = tuple(number for number in serving if number.id in refusing)
        opt_out = standing[kind].opted_out
        reason = None
        if opt_out is not None:
            reason = Reason.OPTED_OUT
        elif kind is Texting.BROADCAST and contact.subscribed_at is None:
            reason = Reason.NO_CONSENT
        elif blocked and len(blocked) == len(serving):
            reason = Reason.CARRIER_BLOCK
        elif abroad:
            reason = Reason.COUNTRY
        found[kind] = Verdict(kind, reason, opt_out, blocked)
    return found
