"""Erasing a person on request: nothing that names them stays, and their opt-outs still hold."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, true, update

from webapp.db import Base, db
from webapp.models import (
    Actor,
    Campaign,
    Closed,
    Contact,
    ContactTag,
    Conversation,
    Draft,
    Event,
    Message,
    Report,
    ReportAnswer,
    User,
    WebhookReceipt,
)
from webapp.services import contacts, erased, signups, tally, trail


def erase(contact: Contact, *, by: User | None, now: datetime) -> bool:
    """Forget a person for good, as they may ask (decision 24); False when that was done before.

    Name, place, fields, consent, own tags, lists, every word written in either direction, notes
    and answers of reports, sign-ups and the proof text of an opt-out go; the phone becomes a
    keyed hash. What stays tells nobody who it was: counts, times, which opt-outs there are and by
    which road. Queued texts are cancelled and open conversations closed. `by` None is the host.
    """
    if contact.is_erased:
        return False
    contacts.forget(contact, bodies=True, by=by, now=now)
    signups.erase(contact)
    _blank_receipts(contact)
    _blank_reports(contact)
    _close_conversations(contact, now=now)
    _put(ContactTag, ContactTag.contact_id == contact.id, note="")
    contact.phone = erased.as_stored(contact.campaign_id, contact.phone)
    contact.country = contact.zones = ""
    db.session.flush()
    trail.record(
        Event.CONTACT_ERASED,
        campaign_id=contact.campaign_id,
        by=by,
        actor=None if by else Actor.HOST,
        now=now,
        contact_id=contact.id,
    )
    return True


def _put(model: type[Base], condition: ColumnElement[bool], **values: object) -> None:
    statement = update(model).where(condition).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))


def _blank_receipts(contact: Contact) -> None:
    """What carriers delivered. What concerned another campaign, too, is theirs as well: it stays
    while they have the number."""
    elsewhere = select(Contact.id).where(
        Contact.campaign_id.in_(select(Campaign.id).where(Campaign.id != contact.campaign_id)),
        Contact.phone == contact.phone,
    )
    theirs = db.session.execute(elsewhere.limit(1)).first() is not None
    ids = select(Message.receipt_id).where(
        Message.contact_id == contact.id, Message.receipt_id.is_not(None)
    )
    whose = WebhookReceipt.messages == 1 if theirs else true()
    blank: dict[str, Any] = {"body": "", "media": [], "opt_out_type": None}
    _put(WebhookReceipt, WebhookReceipt.id.in_(ids) & whose, sender="", content=blank)


def _blank_reports(contact: Contact) -> None:
    _put(Report, Report.contact_id == contact.id, note="", correction_reason="")
    reports = select(Report.id).where(Report.contact_id == contact.id)
    _put(ReportAnswer, ReportAnswer.report_id.in_(reports), answer="")


def _close_conversations(contact: Contact, *, now: datetime) -> None:
    threads = select(Conversation.id).where(Conversation.contact_id == contact.id)
    db.session.execute(
        delete(Draft)
        .where(Draft.conversation_id.in_(threads))
        .execution_options(synchronize_session=False)
    )
    texters = db.session.scalars(
        update(Conversation)
        .where(Conversation.contact_id == contact.id)
        .values(
            preview="",
            asks_admin="",
            hint_message_id=None,
            closed=func.coalesce(Conversation.closed, Closed.ERASED),
            closed_at=func.coalesce(Conversation.closed_at, now),
            is_archived=True,
            is_unread=False,
            needs_reply=False,
            report_due=False,
            needs_attention=False,
        )
        .returning(Conversation.assignee_id)
        .execution_options(synchronize_session=False)
    ).all()
    tally.tick(contact.campaign_id, texters)
