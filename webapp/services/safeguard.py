"""Safeguard: who is suppressed and why. One expression, asked at launch and at every send."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Exists,
    FromClause,
    Select,
    and_,
    case,
    join,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.db import db
from webapp.models import (
    Action,
    Campaign,
    CarrierBlock,
    Contact,
    ContactTag,
    Message,
    MessageKind,
    Reason,
    Recipient,
    Tag,
    Texting,
)

# Texts go to the US, Canada and the US territories, and to what the campaign adds (decision 16).
HOME_COUNTRIES = ("US", "CA", "PR", "GU", "VI", "AS", "MP")
# 47 CFR 64.1200(a)(12): a confirmation is presumed fine within five minutes.
CONFIRMS_WITHIN = timedelta(minutes=5)
# Whoever tries a number has the phone in their hand; hours later it only puzzles them.
TESTS_WITHIN = timedelta(minutes=10)
LASTS = {MessageKind.CONFIRMATION: CONFIRMS_WITHIN, MessageKind.TEST: TESTS_WITHIN}
LAPSED = {
    MessageKind.CONFIRMATION: "It could not be sent within five minutes.",
    MessageKind.TEST: "It could not be sent within ten minutes. Send another one.",
}
Moment = datetime | ColumnElement[datetime]  # the latter for statements that are built once


def judged(
    action: Action,
    campaign: Campaign,
    tag: Tag,
    ids: FromClause,
    *,
    within: tuple[int, int] | None = None,
) -> Select[int, Reason | None]:
    """Each contact of `ids` (one column, `id`) with why it is suppressed, or NULL.

    The one place that says who is suppressed, used at launch and in previews; the first reason
    wins (decision 12). `tag` is the built-in tag of the action's kind of texting. Opt-outs and
    blocks are joined by their primary keys, which costs half of what EXISTS does. `within`
    repeats the range (after, up to) of `ids` for the tables joined, because PostgreSQL would
    read them whole for each chunk of a launch. (Spec:
    "Opted-out contacts will be automatically suppressed via Impactive Safeguard for any future
    texting actions".)
    """
    gone, block = aliased(ContactTag), aliased(CarrierBlock)
    whens: list[tuple[ColumnElement[bool], str]] = [
        (gone.contact_id.is_not(None), Reason.OPTED_OUT.value)
    ]
    if action.texting is Texting.BROADCAST:
        whens.append((Contact.subscribed_at.is_(None), Reason.NO_CONSENT.value))
    joined = join(ids, Contact, and_(Contact.id == ids.c.id, *_in(within, Contact.id))).outerjoin(
        gone,
        and_(gone.tag_id == tag.id, gone.contact_id == ids.c.id, *_in(within, gone.contact_id)),
    )
    if has_blocks(action):
        whens.append((block.contact_id.is_not(None), Reason.CARRIER_BLOCK.value))
        joined = joined.outerjoin(
            block,
            and_(
                block.number_id == action.number_id,
                block.contact_id == ids.c.id,
                *_in(within, block.contact_id),
            ),
        )
    # Almost everybody is at home, and to look through the list costs as much as all the rest.
    is_abroad = and_(
        Contact.country != HOME_COUNTRIES[0], Contact.country.not_in(countries(campaign))
    )
    whens.append((is_abroad, Reason.COUNTRY.value))
    why = type_coerce(case(*whens, else_=None), Recipient.reason.type)
    return select(ids.c.id, why.label("why")).select_from(joined)


def _in(
    within: tuple[int, int] | None, column: InstrumentedAttribute[int]
) -> tuple[ColumnElement[bool], ...]:
    return () if within is None else (column > within[0], column <= within[1])


def has_blocks(action: Action) -> bool:
    """Whether the carrier refuses anybody at all from this action's number."""
    some = select(CarrierBlock.contact_id).where(CarrierBlock.number_id == action.number_id)
    return db.session.scalar(some.limit(1)) is not None


def stops_message() -> ColumnElement[bool]:
    """Whether a text must not leave, for a statement over Message: the same tags and blocks.

    Asked in the statement that takes a text to `sending`, right before the call to the carrier
    (decision 11).
    """
    tagged = (
        select(ContactTag.contact_id)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(
            ContactTag.contact_id == Message.contact_id,
            Tag.campaign_id == Message.campaign_id,
            Tag.opts_out_of == Message.texting,
        )
        .correlate(Message)
        .exists()
    )
    return tagged | blocks_message()


def lapses(now: datetime) -> dict[str, datetime]:
    """By kind: a text that was written then or before is worth nothing any more at `now`."""
    return {kind.value: now - lasts for kind, lasts in LASTS.items()}


def has_lapsed(moments: Mapping[str, Moment]) -> ColumnElement[bool]:
    """Whether a text is worth nothing any more, for a statement over Message; see `lapses`."""
    return or_(
        *(and_(Message.kind == kind, Message.created_at <= moments[kind.value]) for kind in LASTS)
    )


def may_reach(moments: Mapping[str, Moment]) -> ColumnElement[bool]:
    """Whether a text may leave now, for a statement over Message; `moments`: lapses(now).

    A confirmation of an opt-out is exempt while it is young. It is worth nothing afterwards
    (decision 6), and so is a test text to one's own phone, also when a worker that starts after
    a long pause is quicker than the sweep.
    """
    confirms = Message.kind == MessageKind.CONFIRMATION
    return and_(~has_lapsed(moments), or_(confirms, ~stops_message()))


def blocks_message() -> Exists:
    """Whether the carrier refuses texts from this message's number to its contact."""
    return (
        select(CarrierBlock.contact_id)
        .where(
            CarrierBlock.number_id == Message.number_id,
            CarrierBlock.contact_id == Message.contact_id,
        )
        .correlate(Message)
        .exists()
    )


def countries(campaign: Campaign) -> tuple[str, ...]:
    """The countries that this campaign may text, as ISO codes."""
    more = (code.strip().upper() for code in campaign.more_countries.split(","))
    return HOME_COUNTRIES + tuple(code for code in more if code)
