"""Files that are taken away: who is opted out, who is suppressed; each leaves an entry."""

from collections.abc import Iterator
from datetime import UTC, datetime

from webapp.models import Action, Actor, ContactTag, Event, Reason, Texting, User
from webapp.services import ledger, recipients, tags, trail

AT_ONCE = 1_000
OPT_OUTS = ("phone", "kind", "since", "source", "by", "text")
SUPPRESSED = ("phone", "first_name", "last_name", "reason")


def opt_outs(campaign_id: int) -> Iterator[tuple[str, ...]]:
    """Every current opt-out, as OPT_OUTS says, in small steps: memory stays flat at a million.

    `since` is UTC in ISO 8601, `kind` is p2p or broadcast, `text` the contact's own words or
    the note of who recorded it.
    """
    for kind in Texting:
        query = ledger.carried(tags.built_in(campaign_id, kind))
        after = 0
        while True:
            rows = query.where(ContactTag.contact_id > after).order_by(ContactTag.contact_id)
            found = ledger.read(kind, rows.limit(AT_ONCE))
            yield from (_opt_out(one) for one in found)
            if len(found) < AT_ONCE:
                break
            after = found[-1].row.contact_id


def suppressed(action: Action, reason: Reason | None = None) -> Iterator[tuple[str, ...]]:
    """Those whom Safeguard leaves out of an action, as SUPPRESSED says; all reasons or one."""
    for why in (reason,) if reason else tuple(Reason):
        after: int | None = 0
        while after is not None:
            found, after = recipients.page(action, why, after=after, size=AT_ONCE)
            for contact in found:
                yield (contact.phone, contact.first_name, contact.last_name, why.value)


def note(
    campaign_id: int, what: str, *, by: User | None, now: datetime, about: Action | None = None
) -> None:
    """Write down that somebody took a copy of numbers away; each time is an entry of its own."""
    trail.record(
        Event.EXPORTED,
        campaign_id=campaign_id,
        by=by,
        actor=None if by else Actor.HOST,
        now=now,
        about=about,
        details={"what": what},
    )


def _opt_out(one: ledger.OptOut) -> tuple[str, ...]:
    since = one.row.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    source = one.row.source.value if one.row.source else ""
    return (one.contact.phone, one.texting.value, since, source, one.by, one.text)
