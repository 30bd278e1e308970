"""Automated actions: what they are made of, which keywords can be used, and their states."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from webapp.models import (
    Action,
    ActionState,
    AutomationKeyword,
    Campaign,
    Event,
    Number,
    NumberKind,
    Script,
    Tag,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import (
    actions,
    automated,
    automations,
    keyword_checks,
    opt_in_words,
    report_settings,
    tags,
)
from webapp.services.automations import Wanted

NOW = utc_now()


@pytest.fixture
def home() -> Campaign:
    return factories.campaign(own_stop_words="BASTA")


@pytest.fixture
def number(home: Campaign) -> Number:
    return factories.number(home, kind=NumberKind.BROADCAST)


@pytest.fixture
def admin(home: Campaign) -> User:
    return factories.admin(home)


def wanted(*words: str, **values: Any) -> Wanted:
    defaults: dict[str, Any] = {"name": "Volunteers", "answer": "Thanks, {first_name}!"}
    return Wanted(words=words, **{**defaults, **values})


def make(home: Campaign, *words: str, **values: Any) -> Action:
    with transaction():
        return automations.make(home, wanted(*words, **values), by=None, now=NOW)


def change(action: Action, *words: str, **values: Any) -> bool:
    with transaction():
        return automations.change(action, wanted(*words, **values), by=None, now=NOW)


def turn_on(action: Action, **values: Any) -> bool:
    with transaction():
        return automations.turn_on(action, by=None, now=NOW, **values)


def events(home: Campaign) -> list[Event]:
    query = select(TrailEntry.event).where(TrailEntry.campaign_id == home.id)
    return list(db.session.scalars(query.order_by(TrailEntry.id)))


# What it is made of


def test_it_has_keywords_an_answer_tags_a_number_and_texters(
    home: Campaign, number: Number
) -> None:
    tag = factories.tag("Volunteer", of=home)
    jordan = factories.texter(home)
    made = make(home, "volunteer", "Help out", "VOLUNTEER!", tags=[tag], texters=[jordan])
    shown = automated.of(made)
    assert shown.words == ["VOLUNTEER", "HELP OUT"]
    assert (shown.opts_in, shown.number, shown.tags) == (False, number, [tag])
    assert shown.answer is not None and shown.answer.body == "Thanks, {first_name}!"
    assert actions.texters_of(made) == [jordan]
    assert (made.state, made.texting) == (ActionState.DRAFT, Texting.BROADCAST)
    assert automations.keywords_in_use(home) == ["HELP OUT", "VOLUNTEER"]


def test_its_report_offers_the_broadcast_opt_out_from_the_start(
    home: Campaign, number: Number
) -> None:
    made = make(home, "VOLUNTEER")
    assert [tag.name for tag in report_settings.tags_of(made)] == ["Opt Out (Broadcast)"]


def test_what_changes_is_on_the_trail_without_the_text_and_the_same_again_is_not(
    home: Campaign, number: Number
) -> None:
    made = make(home, "VOLUNTEER")
    assert not change(made, "volunteer")
    assert change(made, "VOLUNTEER", "SIGNS", opts_in=True)
    told = db.session.scalars(
        select(TrailEntry.details).where(TrailEntry.event == Event.AUTOMATION_CHANGED)
    ).all()
    assert [entry["keywords"] for entry in told] == [["VOLUNTEER"], ["VOLUNTEER", "SIGNS"]]
    assert [entry["opts_in"] for entry in told] == [False, True]
    assert "Thanks" not in str(told)


# Keywords


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("stop", "“STOP” is already a stop word."),
        ("S.T.O.P", "is already a stop word."),
        ("Unsubscribe", "“UNSUBSCRIBE” is already a stop word."),
        ("basta", "“BASTA” is already a stop word."),
        ("HELP", "“HELP” is already a word people text for help."),
        ("info", "“INFO” is already a word people text for help."),
        ("yes", "“YES” is an answer people give, so it can't be a keyword."),
        ("Y", "is an answer people give"),
        ("Nope", "is an answer people give"),
        ("sí", "is an answer people give"),
        ("1", "is an answer people give"),
        ("42", "is an answer people give"),
        ("JOIN", "“JOIN” opts people in wherever it is texted."),
        ("start!", "opts people in wherever it is texted."),
        ("sumate", "“SUMATE” is an opt-in keyword of your campaign."),
        ("Signs", "“SIGNS” is a keyword of the automated action “Yard signs”."),
        ("🎉", "A word needs letters or digits."),
        ("x" * 41, "Use 40 letters at most."),
    ],
)
def test_a_word_that_means_something_already_is_no_keyword(
    home: Campaign, number: Number, word: str, said: str
) -> None:
    with transaction():
        opt_in_words.add(home, "SUMATE", by=None, now=NOW)
    make(home, "SIGNS", name="Yard signs")
    with pytest.raises(InvalidError) as refused:
        make(home, "VOLUNTEER", word)
    assert said in str(refused.value) and refused.value.field == "keywords"
    db.session.rollback()
    assert automations.keywords_in_use(home) == ["SIGNS"]


@pytest.mark.parametrize("word", ["VOLUNTEER", "count me in", "2026", "¡Súmate!", "STOP THE BILL"])
def test_any_other_word_is(home: Campaign, number: Number, word: str) -> None:
    assert automated.of(make(home, word)).words == [word.upper()]


@pytest.mark.parametrize("word", ["JOIN", "start", "Opt in", "UNSTOP"])
def test_a_locked_opt_in_keyword_can_be_used_by_an_action_that_opts_in(
    home: Campaign, number: Number, word: str
) -> None:
    made = make(home, word, opts_in=True)
    with pytest.raises(InvalidError, match="opts people in wherever it is texted"):
        change(made, word, opts_in=False)


def test_another_campaign_may_use_the_same_keyword(home: Campaign, number: Number) -> None:
    other = factories.campaign()
    factories.number(other)
    make(home, "VOLUNTEER")
    make(other, "VOLUNTEER")


def test_two_actions_that_take_one_word_at_once_get_it_once(home: Campaign, number: Number) -> None:
    """The database keeps it so, whatever the services have checked."""
    make(home, "VOLUNTEER")
    other = make(home, "SIGNS")
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(
            AutomationKeyword.__table__.insert().values(
                campaign_id=home.id, action_id=other.id, word="VOLUNTEER", folded="volunteer"
            )
        )


@pytest.mark.parametrize("opted", [False, True])
def test_a_keyword_in_use_can_be_no_stop_word(home: Campaign, number: Number, opted: bool) -> None:
    assert keyword_checks.conflict(home, "Volunteer") is None
    if opted:
        with transaction():
            opt_in_words.add(home, "volunteer", by=None, now=NOW)
        said = "an opt-in keyword of your campaign"
    else:
        make(home, "VOLUNTEER", name="Helpers")
        said = "a keyword of the automated action “Helpers”"
    assert said in (keyword_checks.conflict(home, "Volunteer!") or "")


# The answer and the tags


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Thanks, {texter_name} will call.", "there is no {texter_name} in it"),
        ("Thanks, {fist_name}!", "Did you mean {first_name}?"),
        ("Thanks, {first_name!", "A { has no closing }."),
        ("x" * 1601, "1600 characters at most"),
    ],
)
def test_an_answer_that_cannot_be_sent_is_refused(
    home: Campaign, number: Number, text: str, said: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        make(home, "VOLUNTEER", answer=text)
    assert said in str(refused.value) and refused.value.field == "answer"


def test_a_new_answer_of_a_live_action_leaves_the_old_one_to_what_was_sent(
    home: Campaign, number: Number
) -> None:
    made = make(home, "VOLUNTEER")
    turn_on(made)
    change(made, "VOLUNTEER", answer="See you on “Saturday”.")
    bodies = select(Script.body).where(Script.action_id == made.id).order_by(Script.position)
    assert list(db.session.scalars(bodies)) == [
        "Thanks, {first_name}!",
        'See you on "Saturday".',
    ]
    shown = automated.of(made)
    assert shown.answer is not None and shown.answer.body == 'See you on "Saturday".'


def test_a_keyword_adds_no_built_in_tag_and_none_of_another_campaign(
    home: Campaign, number: Number
) -> None:
    with pytest.raises(InvalidError, match="can't add an opt-out tag"):
        make(home, "VOLUNTEER", tags=[tags.built_in(home.id, Texting.BROADCAST)])
    elsewhere = factories.tag(of=factories.campaign())
    with pytest.raises(NotFoundError):
        make(home, "VOLUNTEER", tags=[elsewhere])


def test_a_tag_that_was_archived_is_added_no_more(home: Campaign, number: Number) -> None:
    tag: Tag = factories.tag("Volunteer", of=home)
    made = make(home, "VOLUNTEER", tags=[tag])
    with transaction():
        tags.archive(tag, by=None, now=NOW)
    assert automated.of(made).tags == []


# States


def test_it_is_turned_on_paused_turned_on_again_and_finished(
    home: Campaign, number: Number, admin: User
) -> None:
    made = make(home, "VOLUNTEER")
    assert turn_on(made) and made.state is ActionState.LIVE
    assert not turn_on(made)
    with transaction():
        assert actions.pause(made, by=admin, now=NOW)
    assert turn_on(made)
    with transaction():
        assert actions.finish(made, by=admin, now=NOW)
        assert not actions.finish(made, by=admin, now=NOW)
    with pytest.raises(ConflictError):
        turn_on(made)
    with pytest.raises(RefusedError, match="finished"):
        change(made, "SIGNS")
    states = [Event.LAUNCHED, Event.PAUSED, Event.RESUMED, Event.FINISHED]
    assert [event for event in events(home) if event in states] == states


def test_the_keywords_of_a_finished_action_are_free_and_still_told(
    home: Campaign, number: Number
) -> None:
    made = make(home, "VOLUNTEER", "SIGNS")
    turn_on(made)
    with transaction():
        actions.finish(made, by=None, now=NOW)
    assert automations.keywords_in_use(home) == []
    assert automated.of(make(home, "VOLUNTEER")).words == ["VOLUNTEER"]
    assert automated.of(made).words == ["VOLUNTEER", "SIGNS"]


@pytest.mark.parametrize(
    ("words", "values", "said"),
    [
        ([], {}, "Give it at least one keyword."),
        (["VOLUNTEER"], {"answer": ""}, "Write the answer."),
    ],
)
def test_nothing_is_turned_on_that_lacks_something(
    home: Campaign, number: Number, words: list[str], values: dict[str, str], said: str
) -> None:
    made = make(home, *words, **values)
    with pytest.raises(InvalidError, match=said):
        turn_on(made)
    assert made.state is ActionState.DRAFT


def test_it_needs_a_number_that_serves_broadcasts(home: Campaign) -> None:
    p2p = factories.number(home, kind=NumberKind.P2P)
    made = make(home, "VOLUNTEER")
    with pytest.raises(InvalidError, match="Add a number for broadcasts"):
        turn_on(made)
    with pytest.raises(InvalidError, match="another kind of texting"):
        change(made, "VOLUNTEER", number=p2p)
    both = factories.number(home, kind=NumberKind.BOTH)
    change(made, "VOLUNTEER", number=both)
    assert turn_on(made)


def test_a_live_one_keeps_a_keyword_and_an_answer(home: Campaign, number: Number) -> None:
    made = make(home, "VOLUNTEER")
    turn_on(made)
    with pytest.raises(InvalidError, match="at least one keyword"):
        change(made)
    with pytest.raises(InvalidError, match="Write the answer"):
        change(made, "VOLUNTEER", answer=" ")


def test_without_the_opt_out_tag_in_its_report_it_has_to_be_acknowledged(
    home: Campaign, number: Number, admin: User
) -> None:
    made = make(home, "VOLUNTEER")
    with transaction():
        tag = report_settings.opt_out_tag(made)
        report_settings.hide_tag(made, tag, by=admin, now=NOW)
    with pytest.raises(InvalidError) as refused:
        turn_on(made)
    assert refused.value.field == "acknowledge"
    assert turn_on(made, acknowledged=True)
    assert Event.LAUNCHED_WITHOUT_OPT_OUT_TAG in events(home)
