"""Building and launching a peer-to-peer action."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Campaign,
    ContactList,
    Event,
    OptOutSource,
    SavedReply,
    Tag,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import actions, audience, optouts, report_settings, scripts

SignIn = Callable[[User], Browser]
FIRST = "Hi {first_name}, early voting starts Monday. Reply STOP to opt out."


@pytest.fixture
def home() -> Campaign:
    return factories.campaign(fallbacks={"first_name": "there"})


@pytest.fixture
def root(home: Campaign) -> str:
    return f"/c/{home.slug}/actions"


@pytest.fixture
def browser(home: Campaign, client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


@pytest.fixture
def people(home: Campaign) -> ContactList:
    staying = [factories.contact() for _ in range(3)]
    return factories.contact_list(
        *staying, factories.contact(opted_out_of=Texting.P2P), name="Ward 25"
    )


@pytest.fixture
def draft(people: ContactList) -> Action:
    factories.number(phone="+13125550107")
    with transaction():
        made = actions.draft(
            factories.the_campaign(), ActionKind.P2P, "Early vote", by=None, now=utc_now()
        )
        audience.choose(made, [people])
        scripts.set_scripts(made, [FIRST])
    return made


def state(action: Action) -> ActionState:
    return db.session.get_one(Action, action.id).state


def opt_out_one_of(people: ContactList, place: int = 0) -> None:
    action = db.session.scalars(select(Action).order_by(Action.id.desc())).first()
    assert action is not None
    with transaction():
        person = audience.samples(action)[place]
        optouts.record(person, Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())


def test_without_actions_the_list_says_what_to_do(browser: Browser, root: str) -> None:
    text = browser.get(f"{root}/p2p").text
    assert "No peer-to-peer actions yet. Create one to start texting." in text


def test_the_whole_builder_leads_to_a_launch(
    browser: Browser, root: str, people: ContactList
) -> None:
    factories.number(phone="+13125550107")
    factories.texter()
    typed = {"name": "Early vote", "instruction": "Be kind.", "batch_size": "25", "who": "everyone"}

    step = browser.post(f"{root}/p2p/new", typed).location
    assert step.endswith("/audience")
    assert "Ward 25" in browser.get(step).text and "4 contacts" in browser.get(step).text
    step = browser.post(step, {"lists": [people.id]}).location
    assert step.endswith("/script")
    step = browser.post(step, {"text-0": FIRST, "do": "save"}).location
    assert step.endswith("/report-settings")
    assert "Continue to review" in browser.get(step).text
    review = browser.get(step.replace("report-settings", "review")).text
    assert '<span class="num">3</span> of <span class="num">4</span> contacts' in review
    assert "Launch to 2 texters" in review and "(312) 555-0107" in review

    answer = browser.post(step.replace("report-settings", "launch"), {"seen": "3"})

    assert "is launched" in browser.get(answer.location).text
    made = db.session.scalars(select(Action)).one()
    assert (made.state, made.batch_size, made.instruction) == (ActionState.LIVE, 25, "Be kind.")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "Give the action a name."),
        ({"batch_size": "0"}, "A batch has 1 to 500 contacts."),
        ({"batch_size": "many"}, "Enter a whole number."),
        ({"who": "chosen"}, "Choose at least one person."),
        (
            {"first_day": "2026-12-04", "last_day": "2026-12-01"},
            "The last day is before the first day.",
        ),
        ({"first_day": "Tuesday"}, "Write the day like 2026-12-01."),
        ({"last_day": "9999-12-31"}, "Choose a day of this century."),
    ],
)
def test_details_that_cannot_be_used_come_back(
    browser: Browser, root: str, changed: dict[str, str], said: str
) -> None:
    typed = {"name": "Early vote", "instruction": "Typed", "batch_size": "50", "who": "everyone"}
    answer = browser.post(f"{root}/p2p/new", typed | changed)
    assert answer.status_code == 422 and said in answer.text and "Typed" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Action)) == 0


def test_texters_are_chosen_among_the_team(browser: Browser, root: str, draft: Action) -> None:
    jordan, stranger = factories.texter(name="Jordan Lee"), factories.texter(factories.campaign())
    typed = {"name": "Early vote", "batch_size": "50", "who": "chosen"}
    url = f"{root}/{draft.id}/details"
    assert browser.post(url, typed | {"texters": [stranger.id]}).status_code == 422
    assert browser.post(url, typed | {"texters": [jordan.id]}).status_code == 303
    assert actions.texters_of(db.session.get_one(Action, draft.id)) == [jordan]


def test_the_audience_is_saved_and_counted_with_each_change(
    browser: Browser, root: str, draft: Action, people: ContactList
) -> None:
    more = factories.contact_list(factories.contact(), name="Rally")
    url = f"{root}/{draft.id}/audience"
    part = browser.post(url, {"lists": [people.id, more.id]}, htmx=True)
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<div id="audience-size">') and "5 contacts" in part.text
    assert len(audience.lists_of(db.session.get_one(Action, draft.id))) == 2


def test_a_list_that_is_still_imported_cannot_be_used(
    browser: Browser, root: str, draft: Action
) -> None:
    half = factories.contact_list(name="Half", is_ready=False)
    url = f"{root}/{draft.id}/audience"
    assert "Still being imported" in browser.get(url).text
    answer = browser.post(url, {"lists": [half.id]})
    assert answer.status_code == 422 and "Wait until it is ready" in answer.text


def test_tags_narrow_the_audience(browser: Browser, root: str, draft: Action) -> None:
    tag = factories.tag("Will vote")
    lists = [one.id for one in audience.lists_of(draft)]
    url = f"{root}/{draft.id}/audience"
    assert (
        "0 contacts" in browser.post(url, {"lists": lists, "with_tags": [tag.id]}, htmx=True).text
    )
    both = {"lists": lists, "with_tags": [tag.id], "without_tags": [tag.id]}
    assert "both included and left out" in browser.post(url, both, htmx=True).text


def test_the_script_is_checked_and_kept_as_typed(
    browser: Browser, root: str, draft: Action
) -> None:
    typed = {"text-0": "Hi {first_nam}. Reply STOP to opt out."}
    answer = browser.post(f"{root}/{draft.id}/script", typed)
    assert answer.status_code == 422
    assert "Did you mean {first_name}?" in answer.text and "Hi {first_nam}." in answer.text
    assert scripts.of(draft)[0].body == FIRST


@pytest.mark.parametrize("typed", ["\u200b", "\u3164", "\x07", "\u2060\x1b \n"])
def test_a_first_text_of_which_nothing_can_be_seen_is_none(
    browser: Browser, root: str, draft: Action, typed: str
) -> None:
    browser.post(f"{root}/{draft.id}/script", {"text-0": typed})
    assert scripts.of(draft) == []
    answer = browser.post(f"{root}/{draft.id}/launch", {"seen": "3"})
    assert answer.status_code == 422 and "Write the first text in Script." in answer.text
    assert state(draft) is ActionState.DRAFT


@pytest.mark.parametrize(
    ("path", "form", "model"),
    [
        ("/actions/p2p/new", {"who": "everyone", "batch_size": "50"}, Action),
        ("/actions/broadcast/new", {"who": "everyone", "watch": "off"}, Action),
        ("/actions/automated/new", {"who": "everyone"}, Action),
        ("/data/tags", {}, Tag),
    ],
)
def test_a_name_is_kept_without_control_characters(
    browser: Browser, home: Campaign, path: str, form: dict[str, str], model: type[Any]
) -> None:
    url = f"/c/{home.slug}{path}"
    browser.post(url, {**form, "name": "Yard\x07 \x1b[2Jsi\u202egns"})
    assert "Yard [2Jsigns" in db.session.scalars(select(model.name)).all()
    nameless = browser.post(url, {**form, "name": "\x07\x1b"})
    assert nameless.status_code == 422 and "a name" in nameless.text


def test_two_versions_and_plain_quotes(browser: Browser, root: str, draft: Action) -> None:
    url = f"{root}/{draft.id}/script"
    second = "Hello “{first_name}” — vote. Reply STOP to opt out."
    answer = browser.post(url, {"text-0": FIRST, "text-1": second, "do": "more"})
    assert [text.body for text in scripts.of(draft)] == [
        FIRST,
        'Hello "{first_name}" - vote. Reply STOP to opt out.',
    ]
    text = browser.get(answer.location).text
    assert "changed to plain ones" in text and "Version A" in text and "Version C" in text


def test_missing_opt_out_wording_is_added_with_one_click(
    browser: Browser, root: str, draft: Action
) -> None:
    url = f"{root}/{draft.id}/script"
    browser.post(url, {"text-0": "Vote on Tuesday.", "do": "more"})
    assert "It doesn’t say how to opt out" in browser.get(url).text
    browser.post(url, {"text-0": "Vote on Tuesday.", "do": "wording"})
    assert scripts.of(draft)[0].body == "Vote on Tuesday. Reply STOP to opt out."
    assert "It doesn’t say how to opt out" not in browser.get(url).text


def test_saved_replies_are_added_marked_with_a_tag_and_taken_away(
    browser: Browser, root: str, draft: Action
) -> None:
    own = report_settings.opt_out_tag(draft)
    url = f"{root}/{draft.id}/script"
    goodbye = {"title-0": "Goodbye", "reply-0": "Take care.", "tag-0": own.id}
    browser.post(url, {"text-0": FIRST, **goodbye})
    saved = scripts.saved_replies(draft)
    assert [(one.title, one.body, one.tag_id) for one in saved] == [
        ("Goodbye", "Take care.", own.id)
    ]
    half = browser.post(url, {"text-0": FIRST, **goodbye, "title-1": "Polls"})
    assert half.status_code == 422 and "needs a title and a text" in half.text
    browser.post(url, {"text-0": FIRST, "title-0": "", "reply-0": ""})
    assert scripts.saved_replies(draft) == []


def test_the_preview_shows_real_people_and_counts(
    browser: Browser, root: str, draft: Action
) -> None:
    url = f"{root}/{draft.id}/preview"
    part = browser.post(url, {"text-0": "Hi {last_name} 😀", "place": "1"}, htmx=True).text
    person = audience.samples(draft, limit=2)[1]
    assert f"Hi {person.last_name} 😀" in part and "2 of 4" in part
    assert "of 70 characters" in part and "instead of 160" in part
    assert scripts.of(draft)[0].body == FIRST
    assert browser.post(url, {"place": "1"}).location.endswith("/script?place=1")


def test_a_value_somebody_lacks_is_looked_at_before_the_launch(
    browser: Browser, root: str, draft: Action, people: ContactList
) -> None:
    with transaction():
        audience.choose(draft, [people, factories.contact_list(factories.contact(first_name=""))])
    text = browser.get(f"{root}/{draft.id}/review").text
    assert "1 contact has no first name" in text and "Their text says “there” instead." in text


@pytest.mark.parametrize(
    ("first_text", "said"),
    [
        ("Hi, vote on Tuesday. Reply STOP to opt out.", "“Reply STOP to opt out.”"),
        ("Hi! STOP=end. Polls open at 7.", "“STOP=end.”"),
        ("Hi, " + "vote on Tuesday and " * 5 + "text STOP to quit", "Carriers ask for it."),
    ],
)
def test_the_review_quotes_how_the_first_text_lets_people_opt_out(
    browser: Browser, root: str, draft: Action, first_text: str, said: str
) -> None:
    with transaction():
        scripts.set_scripts(draft, [first_text])
    text = browser.get(f"{root}/{draft.id}/review").text
    title = text.index("The first text says how to opt out")
    assert said in text[title : title + 200]


def test_a_draft_without_anything_cannot_be_launched(browser: Browser, root: str) -> None:
    made = browser.post(f"{root}/p2p/new", {"name": "X", "batch_size": "50", "who": "everyone"})
    review = made.location.replace("audience", "review")
    text = browser.get(review).text
    assert "Nobody is in this audience yet." in text and "launch-form" not in text
    assert "Choose at least one list in Audience." in text and "Add a number" in text
    answer = browser.post(review.replace("review", "launch"))
    assert answer.status_code == 422 and "Choose at least one list" in answer.text


def test_a_list_of_whom_nobody_can_be_texted_offers_no_launch(
    browser: Browser, root: str, draft: Action
) -> None:
    gone = factories.contact_list(factories.contact(opted_out_of=Texting.P2P))
    with transaction():
        audience.choose(draft, [gone])
    text = browser.get(f"{root}/{draft.id}/review").text
    assert "Nobody in this list can be texted." in text and "launch-form" not in text
    assert browser.post(f"{root}/{draft.id}/launch").status_code == 422


def test_the_people_behind_each_number_can_be_seen_and_taken_away(
    browser: Browser, root: str, draft: Action
) -> None:
    listed = f"{root}/{draft.id}/suppressed"
    assert f"{listed}?reason=opted_out" in browser.get(f"{root}/{draft.id}/review").text
    gone = browser.get(f"{listed}?reason=opted_out").text
    ready = browser.get(f"{listed}?reason=ready").text
    assert gone.count('scope="row"') == 1 and ready.count('scope="row"') == 3
    file = browser.post(f"{listed}/export").text
    assert file.startswith("phone,first_name,last_name,reason\r\n")
    assert file.count("opted_out") == 1 and file.count("\r\n") == 2
    events = db.session.scalars(select(TrailEntry.event)).all()
    assert Event.EXPORTED in events


def test_news_since_the_review_stop_the_launch_once(
    browser: Browser, root: str, draft: Action, people: ContactList
) -> None:
    opt_out_one_of(people)
    opt_out_one_of(people, 1)

    answer = browser.post(f"{root}/{draft.id}/launch", {"seen": "3"})

    assert answer.status_code == 409 and state(draft) is ActionState.DRAFT
    said = "2 more people opted out while you were reviewing. 1 will be texted now."
    assert said in answer.text and 'name="seen" value="1"' in answer.text
    assert browser.post(f"{root}/{draft.id}/launch", {"seen": "1"}).status_code == 303
    assert state(draft) is ActionState.LIVE


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"seen": "2"}, "The audience changed while you were reviewing. 3 will be texted now."),
        ({"seen": "4", "seen_opted_out": "1"}, "The audience changed while you were reviewing."),
        ({"seen": "4", "seen_opted_out": "0"}, "1 more person opted out while you were reviewing."),
    ],
)
def test_other_news_are_told_in_their_own_words(
    browser: Browser, root: str, draft: Action, seen: dict[str, str], said: str
) -> None:
    answer = browser.post(f"{root}/{draft.id}/launch", seen)
    assert answer.status_code == 409 and said in answer.text


def test_a_count_that_is_typed_has_to_be_the_right_one(
    browser: Browser, root: str, draft: Action
) -> None:
    url = f"{root}/{draft.id}/launch"
    wrong = browser.post(url, {"confirm_count": "4"})
    assert wrong.status_code == 422 and state(draft) is ActionState.DRAFT
    assert browser.post(url, {"confirm_count": "3"}).status_code == 303


def test_launching_without_the_opt_out_tag_needs_a_tick(
    browser: Browser, root: str, draft: Action
) -> None:
    with transaction():
        own = report_settings.opt_out_tag(draft)
        report_settings.hide_tag(draft, own, by=None, now=utc_now())
    url = f"{root}/{draft.id}/launch"
    review = browser.get(f"{root}/{draft.id}/review").text
    assert "Launch without a way for texters to record opt-outs" in review
    refused = browser.post(url, {"seen": "3"})
    assert refused.status_code == 422 and state(draft) is ActionState.DRAFT
    assert "Put the tag back in Report Settings" in refused.text
    assert browser.post(url, {"seen": "3", "acknowledge": "y"}).status_code == 303
    assert Event.LAUNCHED_WITHOUT_OPT_OUT_TAG in db.session.scalars(select(TrailEntry.event)).all()


def test_a_second_press_on_launch_is_told_so(browser: Browser, root: str, draft: Action) -> None:
    url = f"{root}/{draft.id}/launch"
    assert browser.post(url, {"seen": "3"}).status_code == 303
    again = browser.post(url, {"seen": "3"})
    assert again.status_code == 409 and "already been launched" in again.text
    assert browser.get(f"{root}/{draft.id}/review").status_code == 303


def test_after_the_launch_replies_can_be_changed_and_the_first_text_cannot(
    browser: Browser, root: str, draft: Action
) -> None:
    browser.post(f"{root}/{draft.id}/launch")
    url = f"{root}/{draft.id}/script"
    assert "can’t be changed after the launch" in browser.get(url).text
    browser.post(url, {"title-0": "Polls", "reply-0": "At the school."})
    assert scripts.of(draft)[0].body == FIRST
    assert db.session.scalar(select(SavedReply.title)) == "Polls"
    lists = [one.id for one in audience.lists_of(draft)]
    assert browser.post(f"{root}/{draft.id}/audience", {"lists": lists}).status_code == 409


def test_a_first_text_changed_while_somebody_else_launches_is_not_said_to_be_saved(
    browser: Browser, root: str, draft: Action
) -> None:
    browser.post(f"{root}/{draft.id}/launch")
    url = f"{root}/{draft.id}/script"
    late = {"text-0": "Polls close at 8. Reply STOP to opt out.", "title-0": "Polls"}
    answer = browser.post(url, {**late, "reply-0": "At the school."})
    assert answer.status_code == 409
    assert "The first text can&#39;t be changed after the launch." in answer.text
    assert "it was not saved" in answer.text and "Polls close at 8." in answer.text
    assert "At the school." in answer.text and FIRST.partition(",")[2][:20] in answer.text
    assert scripts.of(draft)[0].body == FIRST and scripts.saved_replies(draft) == []
    same = {"text-0": FIRST, "title-0": "Polls", "reply-0": "At the school."}
    assert browser.post(url, same).status_code == 303
    assert scripts.saved_replies(draft)[0].title == "Polls"


def test_steps_of_another_campaigns_action_are_not_there(browser: Browser, root: str) -> None:
    theirs = factories.action(of=factories.campaign(), launched=False).id
    for page in ("", "/details", "/audience", "/script", "/review", "/suppressed", "/live"):
        assert browser.get(f"{root}/{theirs}{page}").status_code == 404
    for press in ("launch", "pause", "resume", "finish", "preview", "suppressed/export"):
        assert browser.post(f"{root}/{theirs}/{press}").status_code == 404


def test_lists_tags_and_numbers_of_another_campaign_are_not_taken(
    browser: Browser, root: str, draft: Action
) -> None:
    elsewhere = factories.campaign()
    strange_list = factories.contact_list(of=elsewhere)
    answer = browser.post(f"{root}/{draft.id}/audience", {"lists": [strange_list.id]})
    assert answer.status_code == 422
    number = factories.number(elsewhere)
    typed = {"name": "X", "batch_size": "50", "who": "everyone", "number": number.id}
    assert browser.post(f"{root}/{draft.id}/details", typed).status_code == 422
    assert db.session.get_one(Action, draft.id).number_id != number.id


def test_the_days_are_told_at_the_review_in_the_list_and_on_the_page(
    browser: Browser, root: str, draft: Action
) -> None:
    typed = {"name": "Early vote", "batch_size": "50", "who": "everyone"}
    url = f"{root}/{draft.id}/details"
    browser.post(url, typed | {"first_day": "2090-12-01", "last_day": "2090-12-04"})
    assert 'value="2090-12-01"' in browser.get(url).text
    said = "Friday, December 1, 2090 to Monday, December 4, 2090"
    review = browser.get(f"{root}/{draft.id}/review").text
    assert f"First texts go out on these days: {said}" in review
    assert f"<dt>Days</dt><dd>{said}</dd>" in review

    browser.post(f"{root}/{draft.id}/launch", {})

    assert "Texting opens on Friday, December 1, 2090." in browser.get(f"{root}/p2p").text
    page = browser.get(f"{root}/{draft.id}").text
    assert said in page and "Texters get no contacts until then." in page
    browser.post(url, typed | {"first_day": "", "last_day": ""})
    assert "December" not in browser.get(f"{root}/{draft.id}").text


def test_a_last_day_that_is_past_keeps_from_launching(
    browser: Browser, root: str, draft: Action
) -> None:
    typed = {"name": "Early vote", "batch_size": "50", "who": "everyone"}
    browser.post(f"{root}/{draft.id}/details", typed | {"last_day": "2020-12-04"})
    review = browser.get(f"{root}/{draft.id}/review").text
    assert "The last day of this action is past. Choose another one in Details." in review
    assert f'href="{root}/{draft.id}/details"' in review
    answer = browser.post(f"{root}/{draft.id}/launch", {})
    assert answer.status_code == 422 and "The last day of this action is past." in answer.text
    assert db.session.get_one(Action, draft.id).state is ActionState.DRAFT
