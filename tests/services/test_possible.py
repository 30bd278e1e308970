"""Texts that read like a request to stop wait for an admin, and are settled by any opt-out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.services.importing import bring_in
from tests.services.scenes import MINUTE, NOW, text_in
from tests.services.talks import HINT, Talk
from webapp.db import db, transaction
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    ActionTally,
    Contact,
    Event,
    Hinted,
    Message,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import optouts, possible, report_settings, reports, tags, upkeep

REASON = "Means the stop sign on Main Street"


@pytest.fixture
def talk() -> Talk:
    found = Talk()
    found.hears(HINT)
    return found


@pytest.fixture
def maya() -> User:
    return factories.admin(name="Maya Okafor")


def waiting() -> Message:
    db.session.rollback()
    query = select(Message).where(Message.hint.is_not(None)).order_by(Message.id.desc())
    return db.session.scalars(query.execution_options(populate_existing=True)).first()  # type: ignore[return-value]


def here(**wanted: object) -> possible.Page:
    db.session.rollback()
    return possible.page(factories.the_campaign().id, **wanted)  # type: ignore[arg-type]


def mark(message: Message, *kinds: Texting, by: User) -> dict[Texting, bool]:
    with transaction():
        return possible.mark(message, kinds, by=by, now=NOW + MINUTE)


def close(message: Message, *, by: User, reason: str = REASON) -> None:
    with transaction():
        possible.close(message, reason, by=by, now=NOW + MINUTE)


def is_out(contact: Contact, kind: Texting) -> bool:
    db.session.rollback()
    return not optouts.standing(contact)[kind].may_be_texted


def entries(event: Event) -> list[TrailEntry]:
    return list(db.session.scalars(select(TrailEntry).where(TrailEntry.event == event)))


def test_a_request_in_own_words_waits_at_once_with_its_texter(talk: Talk) -> None:
    (line,) = here().lines
    assert line.message.body == HINT and line.contact.id == talk.contact.id
    assert (line.texter, line.said_by, line.is_dismissed) == ("Jordan Lee", "", False)
    assert possible.count(factories.the_campaign().id) == 1


def test_ordinary_replies_wait_for_nobody(talk: Talk) -> None:
    Talk().hears("Yes, I'll vote")
    assert len(here().lines) == 1


def test_what_a_texter_dismissed_stays_marked(talk: Talk) -> None:
    with transaction():
        upkeep.dismiss_hint(talk.conversation, by=talk.texter, now=NOW)
    (line,) = here().lines
    assert line.is_dismissed and line.said_by == "Jordan Lee"
    assert possible.count(factories.the_campaign().id) == 1


def test_the_list_begins_with_the_least_time_left_or_with_the_newest(talk: Talk) -> None:
    others = [Talk(texter=talk.texter, number=talk.number) for _ in range(4)]
    for n, other in enumerate(others):
        other.hears(HINT, now=NOW + MINUTE * (n + 1))
    with transaction():
        upkeep.dismiss_hint(others[1].conversation, by=talk.texter, now=NOW)
    wanted = [one.contact.id for one in (talk, *others)]
    for newest_first in (False, True):
        seen, after = [], None
        while True:
            page = here(newest_first=newest_first, after=after, size=2)
            seen += [line.contact.id for line in page.lines]
            after = page.after
            if after is None:
                break
        assert seen == (wanted[::-1] if newest_first else wanted)


def test_an_admin_agrees(talk: Talk, maya: User) -> None:
    assert mark(waiting(), Texting.P2P, by=maya) == {Texting.P2P: True}

    assert is_out(talk.contact, Texting.P2P) and not is_out(talk.contact, Texting.BROADCAST)
    told = waiting()
    assert (told.hint, told.hint_by, told.hint_at) == (Hinted.AGREED, maya.id, NOW + MINUTE)
    (entry,) = entries(Event.OPTED_OUT)
    assert (entry.message_id, entry.by_user_id) == (told.id, maya.id)
    assert entry.details == {"source": OptOutSource.ADMIN.value, "action": talk.action.id}
    assert here().lines == [] and talk.conversation.closed is not None
    assert talk.conversation.hint_message_id is None
    assert db.session.get_one(ActionTally, talk.action.id).opt_outs == 1


def test_both_kinds_can_be_marked_and_the_other_one_alone(talk: Talk, maya: User) -> None:
    assert mark(waiting(), Texting.BROADCAST, by=maya) == {Texting.BROADCAST: True}
    assert here().lines == []
    assert not is_out(talk.contact, Texting.P2P)
    assert db.session.get_one(ActionTally, talk.action.id).opt_outs == 0
    assert mark(waiting(), *Texting, by=maya) == {Texting.P2P: True, Texting.BROADCAST: False}


def test_marking_twice_leaves_one_entry(talk: Talk, maya: User) -> None:
    for _ in range(2):
        mark(waiting(), Texting.P2P, by=maya)
    assert len(entries(Event.OPTED_OUT)) == 1 and entries(Event.OPT_OUT_REPEATED) == []


def test_without_a_kind_nothing_is_marked(talk: Talk, maya: User) -> None:
    with pytest.raises(InvalidError, match="Choose what should stop"):
        mark(waiting(), by=maya)
    assert waiting().hint is Hinted.OPEN


def test_an_ordinary_text_cannot_be_marked_here(talk: Talk, maya: User) -> None:
    first = db.session.scalars(select(Message).where(Message.hint.is_(None))).first()
    assert first is not None
    with pytest.raises(ConflictError):
        mark(first, Texting.P2P, by=maya)


def test_an_admin_says_that_it_is_no_request(talk: Talk, maya: User) -> None:
    close(waiting(), by=maya)

    told = waiting()
    assert (told.hint, told.hint_by) == (Hinted.CLOSED, maya.id)
    (entry,) = entries(Event.HINT_CLOSED)
    assert (entry.details, entry.message_id) == ({"reason": REASON}, told.id)
    assert here().lines == [] and not is_out(talk.contact, Texting.P2P)
    assert talk.conversation.hint_message_id is None and talk.conversation.closed is None


def test_a_reason_is_needed(talk: Talk, maya: User) -> None:
    with pytest.raises(InvalidError, match="Say why"):
        close(waiting(), by=maya, reason=" . ")
    assert waiting().hint is Hinted.OPEN


def test_two_admins_decide_once(talk: Talk, maya: User) -> None:
    mark(waiting(), Texting.P2P, by=maya)
    with pytest.raises(ConflictError, match="decided already"):
        close(waiting(), by=factories.admin())
    assert waiting().hint is Hinted.AGREED


def test_who_said_no_may_think_better_of_it(talk: Talk, maya: User) -> None:
    close(waiting(), by=maya)
    mark(waiting(), Texting.P2P, by=maya)
    assert waiting().hint is Hinted.AGREED and is_out(talk.contact, Texting.P2P)


# Settled by an opt-out that came by another road


def test_a_stop_word_settles_what_waits_of_its_kind(talk: Talk) -> None:
    talk.hears("STOP", now=NOW + MINUTE)
    told = waiting()
    assert (told.hint, told.hint_by) == (Hinted.AGREED, None)
    assert here().lines == []


def test_an_opt_out_of_the_other_kind_settles_nothing(talk: Talk) -> None:
    with transaction():
        optouts.record(talk.contact, Texting.BROADCAST, source=OptOutSource.ADMIN, now=NOW)
    assert len(here().lines) == 1


def test_a_report_settles_it_in_the_texters_name(talk: Talk) -> None:
    tag = tags.built_in(talk.contact.campaign_id, Texting.P2P)
    with transaction():
        reports.send(
            talk.conversation, reports.Filled(tag_ids=[tag.id]), key="k", by=talk.texter, now=NOW
        )
    told = waiting()
    assert (told.hint, told.hint_by) == (Hinted.AGREED, talk.texter.id)


def test_a_report_without_an_opt_out_leaves_it_to_the_admins(talk: Talk) -> None:
    with transaction():
        reports.send(talk.conversation, reports.Filled(), key="k", by=talk.texter, now=NOW)
    assert len(here().lines) == 1


def test_an_import_settles_what_waits(talk: Talk, tmp_path: object) -> None:
    other = Talk()
    other.hears(HINT)
    bring_in(tmp_path, f"phone,opt out p2p\n{talk.contact.phone},x\n")  # type: ignore[arg-type]
    assert [line.contact.id for line in here().lines] == [other.contact.id]


def test_somebody_elses_requests_stay(talk: Talk) -> None:
    other = Talk()
    other.hears(HINT)
    talk.hears("STOP", now=NOW + MINUTE)
    assert [line.contact.id for line in here().lines] == [other.contact.id]


def test_a_hint_is_not_asked_again_after_the_opt_out_was_lifted(talk: Talk, maya: User) -> None:
    mark(waiting(), Texting.P2P, by=maya)
    with transaction():
        optouts.lift(
            talk.contact,
            Texting.P2P,
            reason="They called and want texts",
            agreed="called",
            by=maya,
            now=NOW + 2 * MINUTE,
        )
    assert here().lines == [] and talk.conversation.hint_message_id is None
    assert talk.says("Thanks for calling", now=NOW + timedelta(hours=1)).body


# Told by a texter


def tell(talk: Talk, note: str = "They asked to stop and I can't record it") -> None:
    with transaction():
        upkeep.ask_admin(talk.conversation, note, by=talk.texter, now=NOW + MINUTE)


def without_tag(talk: Talk, maya: User) -> None:
    with transaction():
        report_settings.hide_tag(
            talk.action, tags.built_in(talk.contact.campaign_id, Texting.P2P), by=maya, now=NOW
        )


def test_what_a_texter_tells_an_admin_is_marked_as_told(talk: Talk, maya: User) -> None:
    without_tag(talk, maya)
    tell(talk)
    (line,) = here().lines
    assert line.is_told and line.said_by == "Jordan Lee"
    mark(waiting(), Texting.P2P, by=maya)
    assert talk.conversation.asks_admin == ""


def test_wording_that_nobody_recognized_waits_too_when_the_report_cannot_record_it(
    maya: User,
) -> None:
    talk = Talk()
    talk.hears("Who gave you my number?")
    without_tag(talk, maya)
    assert here().lines == []
    tell(talk)
    (line,) = here().lines
    assert line.is_told and line.message.body.startswith("Who gave")
    close(waiting(), by=maya)
    assert talk.conversation.asks_admin == "" and here().lines == []
    tell(talk, "They ask again")
    assert len(here().lines) == 1


def test_a_question_in_an_action_that_can_record_opt_outs_is_no_request(maya: User) -> None:
    talk = Talk()
    talk.hears("Where do I vote?")
    tell(talk, "Where does Dana vote?")
    assert here().lines == []


def test_a_question_of_another_sort_outlives_the_decision(talk: Talk, maya: User) -> None:
    with transaction():
        upkeep.dismiss_hint(talk.conversation, by=talk.texter, now=NOW)
    tell(talk, "Wants to speak to somebody about a ramp")
    close(waiting(), by=maya)
    assert talk.conversation.asks_admin.startswith("Wants")


def test_another_campaign_sees_nothing_of_it(talk: Talk) -> None:
    other = factories.campaign()
    assert possible.page(other.id).lines == [] and possible.count(other.id) == 0


def test_the_count_stops_where_nobody_counts_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(possible, "MOST_COUNTED", 2)
    for _ in range(3):
        Talk().hears(HINT)
    assert possible.count(factories.the_campaign().id) == 2


def test_a_stranger_who_asks_waits_without_a_texter() -> None:
    number = factories.number()
    text_in(factories.STRANGER, number, HINT)
    (line,) = here().lines
    assert line.texter == "" and line.action_name == ""
