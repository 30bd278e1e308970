"""How an opt-out reached us, and what the trail says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.models import Actor, Event, OptOutSource, User
from webapp.services import trail
from webapp.services.stopping import Stop


@dataclass(frozen=True, slots=True)
class Why:
    """How an opt-out reached us, as the tag and the trail keep it."""

    source: OptOutSource
    by: User | None = None
    actor: Actor | None = None
    note: str = ""


def tell(stops: Sequence[Stop], fresh: set[Stop], why: Why, *, now: datetime) -> None:
    """Write on the trail who asked, and who carried the tag already."""
    entries = [
        {
            "event": Event.OPTED_OUT if stop in fresh else Event.OPT_OUT_REPEATED,
            "campaign_id": stop.campaign_id,
            "contact_id": stop.contact_id,
            "texting": stop.texting,
            "before": stop not in fresh,
            "after": True,
            "message_id": stop.message_id,
            "details": {"source": why.source.value} | _counted_in(stop, stop in fresh),
        }
        for stop in stops
    ]
    trail.record_several(entries, now=now, by=why.by, actor=why.actor)


def _counted_in(stop: Stop, is_fresh: bool) -> dict[str, int]:
    """The action that counts this opt-out, 0 for none; not said where there is no text at all."""
    if stop.action_id is None and stop.message_id is None:
        return {}
    return {"action": stop.action_id or 0 if is_fresh else 0}
