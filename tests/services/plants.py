"""Violations planted by hand, for every check of the audit; they break what a busy day has left."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from tests import factories
from tests.services import scenes, tampering
from tests.services.busy_day import NUMBER
from tests.services.scenes import MINUTE, NOW
from webapp.db import Base, db, in_transaction, transaction
from webapp.models import (
    Action,
    ActionTally,
    Campaign,
    Closed,
    Contact,
    ContactList,
    ContactTag,
    Conversation,
    Event,
    Message,
    MessageKind,
    MessageState,
    Number,
    Reason,
    Recipient,
    RecipientState,
    Tag,
    Texting,
    TrailEntry,
    WebhookReceipt,
)
from webapp.services import tags, trail

Plant = Callable[[], Any]
PLANTS: list[tuple[str, Plant]] = []


def plants(check: str) -> Callable[[Plant], Plant]:
    """This function breaks what that check looks at."""

    def keep(plant: Plant) -> Plant:
        PLANTS.append((check, plant))
        return plant

    return keep


def home() -> Campaign:
    return db.session.scalars(select(Campaign).where(Campaign.slug == "rivera")).one()


def opted_out_contact() -> int:
    """Somebody who opted out of P2P in the first campaign and was texted before."""
    return db.session.scalars(
        select(Message.contact_id)
        .join(ContactTag, ContactTag.contact_id == Message.contact_id)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(
            Tag.campaign_id == home().id,
            Tag.opts_out_of == Texting.P2P,
            Message.state == MessageState.DELIVERED,
            Message.kind == MessageKind.FIRST,
        )
        .order_by(Message.id)
        .limit(1)
    ).one()


def first_text_of(contact_id: int) -> int:
    query = select(Message.id).where(
        Message.contact_id == contact_id, Message.kind == MessageKind.FIRST
    )
    return db.session.scalars(query).one()


def some_id(model: type, *conditions: Any) -> int:
    return db.session.scalars(select(model.id).where(*conditions).order_by(model.id)).first()


def do(statement: Any) -> None:
    """One statement, in the open transaction or in one of its own."""
    if in_transaction():
        db.session.execute(statement)
        return
    with transaction():
        db.session.execute(statement)


def copy_of(message_id: int, **changes: Any) -> None:
    """Another message like this one."""
    columns = Message.__table__.c
    kept = db.session.execute(select(*columns).where(columns.id == message_id)).one()._asdict()
    del kept["id"]
    unique = {"key": None, "reference": None, "provider_id": None, "receipt_id": None}
    do(insert(Message).values(**kept | unique | changes))


# Texts after an opt-out


@plants("texts_after_opt_out")
def a_text_left_after_the_opt_out() -> None:
    message_id = first_text_of(opted_out_contact())
    do(update(Message).where(Message.id == message_id).values(sending_at=NOW + timedelta(days=1)))


@plants("texts_after_opt_out")
def a_text_left_an_instant_after_the_opt_out() -> None:
    contact_id = opted_out_contact()
    since = db.session.scalar(
        select(TrailEntry.at)
        .where(TrailEntry.contact_id == contact_id, TrailEntry.event == Event.OPTED_OUT)
        .order_by(TrailEntry.id.desc())
        .limit(1)
    )
    exact = db.engine.dialect.name == "sqlite"
    moment = since + timedelta(microseconds=1 if exact else 1_000_001)
    message_id = first_text_of(contact_id)
    do(update(Message).where(Message.id == message_id).values(sending_at=moment))


@plants("texts_after_opt_out")
def a_reply_left_after_the_opt_out_and_failed() -> None:
    copy_of(
        first_text_of(opted_out_contact()),
        kind=MessageKind.REPLY,
        state=MessageState.FAILED,
        sending_at=NOW + timedelta(days=1),
    )


@plants("texts_after_opt_out")
def a_sent_text_has_no_sending_moment() -> None:
    copy_of(
        first_text_of(opted_out_contact()),
        kind=MessageKind.REPLY,
        state=MessageState.SENT,
        sending_at=None,
        settled_at=None,
        created_at=NOW + timedelta(days=1),
    )


@plants("texts_after_opt_out")
def a_text_left_before_the_opt_out_was_lifted() -> None:
    lifted = select(TrailEntry.contact_id).where(TrailEntry.event == Event.OPT_OUT_LIFTED)
    message_id = first_text_of(db.session.scalars(lifted).one())
    moment = NOW + 5 * MINUTE  # opted out after 2, lifted after 10
    do(update(Message).where(Message.id == message_id).values(sending_at=moment))


@plants("texts_after_opt_out")
def a_text_left_after_an_opt_out_that_only_the_tag_tells_of() -> None:
    message = scenes.newest(state=MessageState.SENT, kind=MessageKind.FIRST)
    tag = tags.built_in(message.campaign_id, Texting.P2P)
    do(
        insert(ContactTag).values(
            tag_id=tag.id,
            contact_id=message.contact_id,
            campaign_id=message.campaign_id,
            since=message.sending_at - MINUTE,
        )
    )


@plants("texts_waiting")
def a_text_waits_for_somebody_who_opted_out() -> None:
    copy_of(
        first_text_of(opted_out_contact()),
        kind=MessageKind.REPLY,
        state=MessageState.QUEUED,
        sending_at=None,
    )


@plants("texts_waiting")
def a_text_is_leased_for_somebody_who_opted_out() -> None:
    copy_of(
        first_text_of(opted_out_contact()),
        kind=MessageKind.REPLY,
        state=MessageState.CLAIMED,
        sending_at=None,
    )


# Tags and trail


@plants("opt_outs_proven")
def a_tag_was_put_on_without_a_trace() -> None:
    neighbour = scenes.newest(state=MessageState.SENT, kind=MessageKind.FIRST).contact_id
    contact = db.session.get_one(Contact, neighbour)
    tag = tags.built_in(contact.campaign_id, Texting.BROADCAST)
    do(
        insert(ContactTag).values(
            tag_id=tag.id, contact_id=contact.id, campaign_id=contact.campaign_id
        )
    )


@plants("opt_outs_proven")
def a_lift_left_the_tag_on() -> None:
    entry = {
        "campaign_id": home().id,
        "contact_id": opted_out_contact(),
        "texting": Texting.P2P,
        "before": True,
        "after": False,
    }
    with factories.writing():
        trail.record(Event.OPT_OUT_LIFTED, now=NOW, **entry)


@plants("opt_outs_kept")
def a_tag_was_taken_off_without_a_trace() -> None:
    do(delete(ContactTag).where(ContactTag.contact_id == opted_out_contact()))


@plants("opt_outs_kept")
def the_trail_tells_of_an_opt_out_that_left_no_tag() -> None:
    free = scenes.newest(state=MessageState.SENT, kind=MessageKind.FIRST).contact_id
    with factories.writing():
        trail.record(
            Event.OPTED_OUT,
            campaign_id=db.session.get_one(Contact, free).campaign_id,
            contact_id=free,
            texting=Texting.BROADCAST,
            before=False,
            after=True,
            now=NOW,
        )


@plants("changes_told_once")
def one_opt_out_stands_on_the_trail_twice() -> None:
    with factories.writing():
        trail.record(
            Event.OPTED_OUT,
            campaign_id=home().id,
            contact_id=opted_out_contact(),
            texting=Texting.P2P,
            before=False,
            after=True,
            now=NOW + MINUTE,
        )


@plants("changes_told_once")
def a_lift_claims_that_nothing_was_there() -> None:
    lifted = select(TrailEntry.id).where(TrailEntry.event == Event.OPT_OUT_LIFTED)
    entry_id = db.session.scalars(lifted).one()
    with tampering.without_guards("trail_entry"):
        do(update(TrailEntry).where(TrailEntry.id == entry_id).values(before=False))


# Conversations


@plants("confirmations_asked")
def an_ordinary_text_passes_for_a_confirmation() -> None:
    message_id = first_text_of(some_id(Contact, Contact.campaign_id == home().id))
    do(
        update(Message)
        .where(Message.id == message_id)
        .values(
            kind=MessageKind.CONFIRMATION,
            created_at=NOW + 60 * MINUTE,
            sending_at=NOW + 60 * MINUTE,
            state=MessageState.SENT,
        )
    )


@plants("confirmations_asked")
def a_confirmation_left_long_after_the_opt_out() -> None:
    message_id = some_id(Message, Message.kind == MessageKind.CONFIRMATION)
    made = db.session.get_one(Message, message_id).created_at
    do(update(Message).where(Message.id == message_id).values(sending_at=made + 6 * MINUTE))


@plants("stop_threads_hidden")
def a_thread_that_ended_with_a_stop_word_came_back() -> None:
    do(update(Conversation).where(Conversation.is_hidden).values(is_hidden=False))


@plants("stop_threads_hidden")
def an_ordinary_thread_was_hidden() -> None:
    thread_id = some_id(Conversation, ~Conversation.is_hidden)
    do(update(Conversation).where(Conversation.id == thread_id).values(is_hidden=True))


@plants("stop_threads_hidden")
def a_thread_with_a_stop_word_was_reopened() -> None:
    thread_id = some_id(Conversation, Conversation.is_hidden)
    do(
        update(Conversation)
        .where(Conversation.id == thread_id)
        .values(is_hidden=False, closed=Closed.OPTED_OUT)
    )


@plants("closed_threads_quiet")
def a_closed_thread_needs_attention() -> None:
    thread_id = some_id(Conversation, Conversation.closed.is_not(None))
    do(update(Conversation).where(Conversation.id == thread_id).values(needs_attention=True))


@plants("closed_threads_quiet")
def a_hidden_thread_is_unread() -> None:
    do(update(Conversation).where(Conversation.is_hidden).values(is_unread=True))


@plants("opted_out_threads_closed")
def a_thread_of_somebody_who_opted_out_is_open() -> None:
    do(
        update(Conversation)
        .where(Conversation.contact_id == opted_out_contact())
        .values(closed=None, is_hidden=False)
    )


# The ground


@plants("built_in_tags")
def a_built_in_tag_was_renamed() -> None:
    tampering.take_down("tag")
    do(update(Tag).where(Tag.opts_out_of == Texting.P2P).values(name="Opt Out"))


@plants("built_in_tags")
def a_built_in_tag_was_archived() -> None:
    tampering.take_down("tag")
    do(update(Tag).where(Tag.opts_out_of == Texting.BROADCAST).values(archived_at=NOW))


@plants("built_in_tags")
def a_built_in_tag_became_an_ordinary_one() -> None:
    tampering.take_down("tag")
    tag_id = some_id(Tag, Tag.opts_out_of == Texting.P2P)
    do(update(Tag).where(Tag.id == tag_id).values(opts_out_of=None))


@plants("campaigns_apart")
def a_message_points_to_a_contact_of_another_campaign() -> None:
    other = some_id(Contact, Contact.campaign_id != home().id)
    message_id = some_id(Message, Message.campaign_id == home().id)
    do(update(Message).where(Message.id == message_id).values(contact_id=other))


@plants("campaigns_apart")
def a_conversation_moved_to_another_campaign() -> None:
    other = some_id(Campaign, Campaign.slug == "okafor")
    thread_id = some_id(Conversation, Conversation.campaign_id == home().id)
    do(update(Conversation).where(Conversation.id == thread_id).values(campaign_id=other))


@plants("campaigns_apart")
def a_tag_of_one_campaign_is_on_a_contact_of_another() -> None:
    other = some_id(Contact, Contact.campaign_id != home().id)
    sign = some_id(Tag, Tag.opts_out_of.is_(None))
    do(insert(ContactTag).values(tag_id=sign, contact_id=other, campaign_id=home().id))


@plants("campaigns_apart")
def an_audience_holds_a_contact_of_another_campaign() -> None:
    other = some_id(Contact, Contact.campaign_id != home().id)
    action_id = some_id(Action, Action.campaign_id == home().id)
    do(
        insert(Recipient).values(
            action_id=action_id, contact_id=other, state=RecipientState.READY, skips=0
        )
    )


@plants("campaigns_apart")
def an_action_texts_from_another_campaigns_number() -> None:
    other = some_id(Number, Number.campaign_id != home().id)
    do(update(Action).where(Action.campaign_id == home().id).values(number_id=other))


@plants("audiences_whole")
def somebody_in_an_audience_is_no_contact() -> None:
    action_id = some_id(Action, Action.campaign_id == home().id)
    gone = {"contact_id": 1_000_000, "state": RecipientState.READY, "skips": 0}
    do(insert(Recipient).values(action_id=action_id, **gone))


@plants("kinds_agree")
def a_text_claims_to_be_of_the_other_kind() -> None:
    do(
        update(Message)
        .where(Message.id == first_text_of(opted_out_contact()))
        .values(texting=Texting.BROADCAST)
    )


@plants("kinds_agree")
def a_thread_claims_to_be_of_the_other_kind() -> None:
    thread_id = some_id(Conversation, Conversation.action_id.is_not(None))
    thread = update(Conversation).where(Conversation.id == thread_id)
    do(thread.values(texting=Texting.BROADCAST))


@plants("kinds_agree")
def a_text_stands_in_somebody_elses_thread() -> None:
    contact_id = opted_out_contact()
    other = some_id(
        Conversation, Conversation.contact_id != contact_id, Conversation.campaign_id == home().id
    )
    message_id = first_text_of(contact_id)
    do(update(Message).where(Message.id == message_id).values(conversation_id=other))


# Webhooks and texts


@plants("webhooks_became_messages")
def a_webhook_lost_its_message() -> None:
    orphan = some_id(Message, Message.receipt_id.is_not(None))
    do(update(Message).where(Message.id == orphan).values(receipt_id=None))


@plants("webhooks_became_messages")
def a_text_to_an_unknown_number_became_a_message() -> None:
    nobodys = some_id(WebhookReceipt, WebhookReceipt.messages == 0)
    message_id = some_id(Message, Message.receipt_id.is_not(None))
    do(update(Message).where(Message.id == message_id).values(receipt_id=nobodys))


@plants("webhooks_heard")
def a_stop_was_acknowledged_and_forgotten() -> None:
    do(
        insert(WebhookReceipt).values(
            provider="twilio",
            provider_id="SM-forgotten",
            sender="+13125550142",
            to=NUMBER,
            content={"body": "STOP"},
            received_at=NOW,
            messages=0,
        )
    )


@plants("webhooks_once")
def a_message_was_taken_in_twice() -> None:
    kept = scenes.newest(kind=MessageKind.INBOUND)
    copy_of(kept.id, provider_id=kept.provider_id)


@plants("webhooks_once")
def a_webhook_was_taken_in_twice() -> None:
    _drop_unique("webhook_receipt", "uq_webhook_receipt_provider_provider_id")
    columns = 'provider, provider_id, sender, "to", content, received_at, messages'
    tampering.run(
        f"INSERT INTO webhook_receipt ({columns}) SELECT {columns} FROM webhook_receipt"
        " WHERE id = (SELECT max(id) FROM webhook_receipt)"
    )


@plants("texts_once")
def two_texts_share_a_carriers_id() -> None:
    tampering.run("DROP INDEX uq_message_provider_id")
    kept = scenes.newest(state=MessageState.DELIVERED)
    copy_of(kept.id, kind=MessageKind.REPLY, provider_id=kept.provider_id)


@plants("texts_once")
def two_texts_share_a_reference() -> None:
    tampering.run("DROP INDEX uq_message_reference")
    kept = scenes.newest(state=MessageState.DELIVERED)
    copy_of(kept.id, kind=MessageKind.REPLY, reference=kept.reference)


@plants("texts_once")
def two_texts_come_from_one_form() -> None:
    _drop_unique("message", "uq_message_campaign_id_key")
    kept = scenes.newest(state=MessageState.DELIVERED)
    copy_of(kept.id, kind=MessageKind.REPLY, key=kept.key)


@plants("first_texts_once")
def somebody_got_two_first_texts_of_one_action() -> None:
    copy_of(scenes.newest(state=MessageState.DELIVERED).id)


@plants("tries_bounded")
def a_text_was_tried_too_often() -> None:
    message_id = some_id(Message, Message.state == MessageState.DELIVERED)
    do(update(Message).where(Message.id == message_id).values(attempts=6))


@plants("tries_bounded")
def a_released_text_was_tried_more_often_than_it_was_released() -> None:
    released = select(TrailEntry.message_id).where(TrailEntry.event == Event.RELEASED)
    message_id = db.session.scalars(released).one()
    do(update(Message).where(Message.id == message_id).values(attempts=7))


@plants("accepted_not_waiting")
def a_text_that_the_carrier_took_waits_again() -> None:
    thread = select(Conversation.id).where(Conversation.closed.is_(None))
    message_id = some_id(
        Message, Message.state == MessageState.DELIVERED, Message.conversation_id.in_(thread)
    )
    do(update(Message).where(Message.id == message_id).values(state=MessageState.QUEUED))


# Counts


@plants("action_counts")
def an_action_counts_one_too_many() -> None:
    do(update(ActionTally).values(ready=ActionTally.ready + 1, total=ActionTally.total + 1))


@plants("action_counts")
def an_action_has_no_counts() -> None:
    do(delete(ActionTally))


@plants("action_counts")
def a_person_was_texted_without_a_text() -> None:
    do(
        update(Recipient)
        .where(Recipient.state == RecipientState.SUPPRESSED)
        .values(state=RecipientState.TEXTED, reason=None)
    )


@plants("action_counts")
def a_reason_was_swapped() -> None:
    suppressed = update(Recipient).where(Recipient.state == RecipientState.SUPPRESSED)
    do(suppressed.values(reason=Reason.COUNTRY))


@plants("action_sums")
def an_action_does_not_add_up() -> None:
    do(update(ActionTally).values(total=ActionTally.total + 1))


@plants("tag_counts")
def a_tag_counts_one_too_many() -> None:
    do(update(Tag).values(contacts=Tag.contacts + 1))


@plants("list_sizes")
def a_list_counts_one_too_few() -> None:
    do(update(ContactList).values(size=ContactList.size - 1))


# Trail and guards


@plants("test_texts_told")
def a_text_calls_itself_a_test() -> None:
    reply = select(Message.id).where(Message.kind == MessageKind.REPLY).limit(1)
    do(update(Message).where(Message.id.in_(reply)).values(kind=MessageKind.TEST))


@plants("trail_unchanged")
def an_entry_was_rewritten() -> None:
    with tampering.without_guards("trail_entry"):
        tampering.run("UPDATE trail_entry SET about_id = 77 WHERE id = 2")


@plants("trail_unchanged")
def an_entry_was_removed() -> None:
    with tampering.without_guards("trail_entry"):
        tampering.run("DELETE FROM trail_entry WHERE event = 'reported'")


@plants("guards_in_force")
def the_guards_of_the_tags_were_taken_down() -> None:
    tampering.take_down("tag")


@plants("guards_in_force")
def the_guards_of_the_trail_were_taken_down() -> None:
    tampering.take_down("trail_entry")
    tampering.take_down("trail_seal")


def _drop_unique(table: str, name: str) -> None:
    """Take a unique constraint away; SQLite can only do so by writing the table anew."""
    if db.engine.dialect.name != "sqlite":
        tampering.run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        return
    tampering.run("PRAGMA defer_foreign_keys = ON")
    columns = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[table].columns)
    tampering.run(f"CREATE TABLE anew AS SELECT {columns} FROM {table}")
    tampering.run(f"DROP TABLE {table}")
    create = "CREATE TABLE {} ({}, id INTEGER PRIMARY KEY)"
    others = columns.replace('"id", ', "")
    tampering.run(create.format(table, others))
    tampering.run(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM anew")
