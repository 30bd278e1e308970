"""Safeguard: who is suppressed and why. One expression, asked at launch and at every send."""

from sqlalchemy import Case, ColumnElement, Exists, case, select

from webapp.models import (
    Action,
    Campaign,
    CarrierBlock,
    Contact,
    ContactTag,
    Message,
    Reason,
    Tag,
    Texting,
)

# Texts go to the US, Canada and the US territories, and to what the campaign adds (decision 16).
HOME_COUNTRIES = ("US", "CA", "PR", "GU", "VI", "AS", "MP")


def reason(action: Action, campaign: Campaign, tag: Tag) -> Case[str | None]:
    """Why a contact is suppressed in this action, or NULL; the first reason wins (decision 12).

    To be used in a statement over Contact. `tag` is the built-in tag of the action's kind of
    texting: the opt-out is looked up by the primary key of contact_tag. (Spec: "Opted-out
    contacts will be automatically suppressed via Impactive Safeguard for any future texting
    actions".)
    """
    whens: list[tuple[ColumnElement[bool], str]] = [(_carries(tag.id), Reason.OPTED_OUT.value)]
    if action.texting is Texting.BROADCAST:
        whens.append((Contact.subscribed_at.is_(None), Reason.NO_CONSENT.value))
    if action.number_id is not None:
        whens.append((_blocked(action.number_id), Reason.CARRIER_BLOCK.value))
    whens.append((Contact.country.not_in(countries(campaign)), Reason.COUNTRY.value))
    return case(*whens, else_=None)


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


def _carries(tag_id: int) -> Exists:
    return (
        select(ContactTag.contact_id)
        .where(ContactTag.tag_id == tag_id, ContactTag.contact_id == Contact.id)
        .correlate(Contact)
        .exists()
    )


def _blocked(number_id: int) -> Exists:
    return (
        select(CarrierBlock.contact_id)
        .where(CarrierBlock.number_id == number_id, CarrierBlock.contact_id == Contact.id)
        .correlate(Contact)
        .exists()
    )
