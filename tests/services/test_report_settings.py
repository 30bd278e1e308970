"""Report Settings: what the report of an action offers."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import InvalidError, NotFoundError
from webapp.models import (
    Action,
    ActionKind,
    Event,
    Question,
    QuestionKind,
    Tag,
    Texting,
    TrailEntry,
)
from webapp.services import overview, report_settings, tags


@pytest.fixture
def action() -> Action:
    return factories.action(launched=False)


def show(action: Action, *names: str) -> list[Tag]:
    made = [factories.tag(name) for name in names]
    with transaction():
        for tag in made:
            report_settings.show_tag(action, tag, by=None, now=utc_now())
    return made


def offered(action: Action) -> list[str]:
    return [tag.name for tag in report_settings.tags_of(action)]


def events(action: Action) -> list[Event]:
    query = select(TrailEntry.event).where(TrailEntry.about_id == action.id)
    return list(db.session.scalars(query.where(TrailEntry.about == "action")))


@pytest.mark.parametrize(
    ("texting", "name"),
    [(Texting.P2P, "Opt Out (P2P)"), (Texting.BROADCAST, "Opt Out (Broadcast)")],
)
def test_a_new_action_offers_the_opt_out_tag_of_its_kind(texting: Texting, name: str) -> None:
    action = factories.action(kind=ActionKind(texting), launched=False)
    assert offered(action) == [name]
    assert report_settings.has_opt_out_tag(action)


def test_the_opt_out_tag_stays_first_whatever_the_order(action: Action) -> None:
    show(action, "Will vote", "Undecided")
    own = report_settings.opt_out_tag(action)
    with transaction():
        report_settings.hide_tag(action, own, by=None, now=utc_now())
        report_settings.show_tag(action, own, by=None, now=utc_now())
    assert offered(action) == ["Opt Out (P2P)", "Will vote", "Undecided"]


def test_own_tags_move_one_place_at_a_time(action: Action) -> None:
    first, second, third = show(action, "First", "Second", "Third")
    with transaction():
        assert report_settings.move_tag(action, third, up=True, by=None, now=utc_now())
        assert report_settings.move_tag(action, first, up=False, by=None, now=utc_now())
    assert offered(action)[1:] == ["Third", "First", "Second"]
    with transaction():
        assert not report_settings.move_tag(action, third, up=True, by=None, now=utc_now())
        assert not report_settings.move_tag(action, second, up=False, by=None, now=utc_now())


def test_the_opt_out_tag_is_not_moved(action: Action) -> None:
    own = report_settings.opt_out_tag(action)
    with pytest.raises(NotFoundError), transaction():
        report_settings.move_tag(action, own, up=False, by=None, now=utc_now())


def test_taking_the_opt_out_tag_out_says_who_did_it_and_when(action: Action) -> None:
    maya, own = factories.admin(name="Maya Okafor"), report_settings.opt_out_tag(action)
    assert overview.last_removal(action) is None
    with transaction():
        moment = utc_now()
        assert report_settings.hide_tag(action, own, by=maya, now=moment)
        assert not report_settings.hide_tag(action, own, by=maya, now=moment)

    assert not report_settings.has_opt_out_tag(action)
    assert overview.last_removal(action) == ("Maya Okafor", moment)
    assert not overview.of(action).can_record
    assert events(action).count(Event.OPT_OUT_TAG_REMOVED) == 1

    with transaction():
        assert report_settings.show_tag(action, own, by=maya, now=utc_now())
    assert overview.of(action).can_record
    assert events(action)[-1] is Event.OPT_OUT_TAG_RESTORED


def test_the_other_opt_out_tag_alone_does_not_count(action: Action) -> None:
    other = tags.built_in(action.campaign_id, Texting.BROADCAST)
    with transaction():
        report_settings.show_tag(action, other, by=None, now=utc_now())
        report_settings.hide_tag(
            action, report_settings.opt_out_tag(action), by=None, now=utc_now()
        )
    assert not report_settings.has_opt_out_tag(action)
    assert not overview.of(action).can_record


def test_a_tag_of_another_campaign_or_an_archived_one_is_not_offered(action: Action) -> None:
    stranger = factories.tag(of=factories.campaign())
    gone = factories.tag()
    with transaction():
        tags.archive(gone, by=None, now=utc_now())
    for tag in (stranger, gone):
        with pytest.raises(NotFoundError), transaction():
            report_settings.show_tag(action, tag, by=None, now=utc_now())


def ask(action: Action, label: str, choices: Sequence[str] = ("Yes", "No")) -> Question:
    with transaction():
        return report_settings.add_question(
            action, label, QuestionKind.CHOICE, choices=choices, by=None, now=utc_now()
        )


def test_questions_are_asked_in_order_until_they_are_removed(action: Action) -> None:
    first, second = ask(action, "Support level"), ask(action, "Needs a ride?")
    assert report_settings.questions_of(action) == [first, second]
    with transaction():
        assert report_settings.remove_question(first, action, by=None, now=utc_now())
        assert not report_settings.remove_question(first, action, by=None, now=utc_now())
    assert report_settings.questions_of(action) == [second]


def test_a_question_of_another_action_is_not_removed_here(action: Action) -> None:
    question = ask(factories.action(launched=False), "Support level")
    with pytest.raises(NotFoundError), transaction():
        report_settings.remove_question(question, action, by=None, now=utc_now())


@pytest.mark.parametrize(
    ("label", "choices", "field"),
    [
        ("", ("Yes", "No"), "label"),
        ("x" * 121, ("Yes", "No"), "label"),
        ("Opt out", ("Yes", "No"), "label"),
        ("Support level", ("Yes",), "choices"),
        ("Support level", ("Yes", " Yes "), "choices"),
        ("Support level", ("Yes", "St0p"), "choices"),
        ("Support level", [str(n) for n in range(21)], "choices"),
    ],
)
def test_a_question_that_cannot_be_asked(
    action: Action, label: str, choices: Sequence[str], field: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        ask(action, label, choices)
    assert refusal.value.field == field
    assert report_settings.questions_of(action) == []


def test_options_are_kept_and_the_same_again_leaves_no_entry(action: Action) -> None:
    for _ in range(2):
        with transaction():
            report_settings.set_options(
                action, note_asked=False, goodbye=True, by=None, now=utc_now()
            )
    kept = db.session.get_one(Action, action.id)
    assert (kept.note_asked, kept.goodbye) == (False, True)
    assert events(action).count(Event.REPORT_SETTINGS_CHANGED) == 1


def set_goodbye(action: Action, offered: bool, text: str | None = None) -> tuple[bool, str]:
    with transaction():
        report_settings.set_options(
            action, note_asked=True, goodbye=offered, goodbye_text=text, by=None, now=utc_now()
        )
    kept = db.session.get_one(Action, action.id)
    return kept.goodbye, kept.goodbye_text


def test_a_new_action_offers_no_goodbye_and_suggests_the_campaigns_words(action: Action) -> None:
    assert report_settings.goodbye_of(action) == ""
    assert report_settings.suggested_goodbye(action) == factories.the_campaign().goodbye_text


def test_a_goodbye_that_is_turned_on_starts_with_the_campaigns_words(action: Action) -> None:
    words = factories.the_campaign().goodbye_text
    assert set_goodbye(action, True) == (True, words)
    with transaction():
        factories.the_campaign().goodbye_text = "Other words."
    assert report_settings.goodbye_of(action) == words


def test_words_of_its_own_are_kept_while_the_goodbye_is_off(action: Action) -> None:
    assert set_goodbye(action, True, "  We’ll stop. ") == (True, "We'll stop.")
    assert set_goodbye(action, False, "We'll stop.") == (False, "We'll stop.")
    assert report_settings.goodbye_of(action) == ""
    assert set_goodbye(action, False, "Words for later.") == (False, "Words for later.")
    assert set_goodbye(action, True) == (True, "Words for later.")


def test_words_nobody_has_touched_stay_the_campaigns(action: Action) -> None:
    assert set_goodbye(action, False, factories.the_campaign().goodbye_text) == (False, "")


def test_without_words_no_goodbye_is_offered(action: Action) -> None:
    set_goodbye(action, True, "We'll stop.")
    assert set_goodbye(action, True, " ") == (False, "")
    assert report_settings.suggested_goodbye(action) == factories.the_campaign().goodbye_text


@pytest.mark.parametrize("text", ["x" * 301, "Take care, {first_name}."])
def test_a_goodbye_that_cannot_be_sent_to_everybody(action: Action, text: str) -> None:
    set_goodbye(action, True, "We'll stop.")
    with pytest.raises(InvalidError) as refusal:
        set_goodbye(action, True, text)
    assert refusal.value.field == "goodbye_text"
    db.session.rollback()
    assert report_settings.goodbye_of(db.session.get_one(Action, action.id)) == "We'll stop."
