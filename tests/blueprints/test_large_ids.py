"""Ids that no database holds, in forms and in addresses: a plain error, and nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import factories
from tests.client import Browser
from tests.services.talks import Talk
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionKind, ActionState, Campaign, NumberKind, User
from webapp.services import actions, automations
from webapp.services.automations import Wanted

SignIn = Callable[[User], Browser]
LARGE = ("99999999999999999999", "4294967296", "-5")
WORDS = {"name": "Rides to the polls", "batch_size": "50", "who": "everyone"}


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin())


@pytest.fixture
def home() -> Campaign:
    factories.number(kind=NumberKind.BOTH)
    return factories.the_campaign()


@pytest.fixture
def root(home: Campaign) -> str:
    return f"/c/{home.slug}"


def draft(kind: ActionKind) -> Action:
    who: dict[str, Any] = {"by": factories.admin(), "now": utc_now()}
    home = factories.the_campaign()
    with transaction():
        if kind is ActionKind.AUTOMATED:
            return automations.make(home, Wanted("Draft", ["RIDES"], "Thanks"), **who)
        return actions.draft(home, kind, "Draft", **who)


@pytest.mark.parametrize("number", LARGE)
@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/actions/automated/sign-up-forms/new", {"title": "Rides", "keyword": "JOIN"}),
        ("/actions/automated/new", {"name": "Rides", "keywords": "RIDES", "who": "everyone"}),
        ("/actions/p2p/new", WORDS),
        ("/actions/broadcast/new", WORDS | {"watch": "off"}),
    ],
)
def test_a_number_that_cannot_be_is_an_error_of_the_form(
    browser: Browser, root: str, path: str, typed: dict[str, str], number: str
) -> None:
    answer = browser.post(root + path, typed | {"number": number})

    assert answer.status_code == 422
    assert 'value="Rides' in answer.text


@pytest.mark.parametrize("number", LARGE)
@pytest.mark.parametrize("kind", [ActionKind.P2P, ActionKind.BROADCAST])
@pytest.mark.parametrize("step", ["details", "audience", "script"])
def test_no_step_of_the_builder_takes_such_an_id(
    browser: Browser, root: str, kind: ActionKind, step: str, number: str
) -> None:
    typed = {
        "details": WORDS | {"watch": "off", "number": number, "texters": number},
        "audience": {"lists": number, "with_tags": number, "without_tags": number},
        "script": {"text-0": "Hi. STOP to end.", "title-0": "A", "reply-0": "B", "tag-0": number},
    }[step]
    answer = browser.post(f"{root}/actions/{draft(kind).id}/{step}", typed)
    assert answer.status_code == 422


@pytest.mark.parametrize("number", [*LARGE, "nobody"])
def test_conversations_are_given_to_nobody_whom_nobody_knows(
    browser: Browser, root: str, number: str
) -> None:
    talk = Talk()
    texter, action_id = talk.texter.id, talk.action.id
    theirs = talk.conversation.assignee_id
    for path, status in (
        (f"/team/{texter}/conversations", 422),
        (f"/actions/{action_id}/conversations/reassign", 422),
        (f"/inbox/{talk.conversation.id}/reassign", 422),
    ):
        answer = browser.post(root + path, {"to": number, "ids": talk.conversation.id})
        assert answer.status_code == status, path
        assert number == "nobody" or "one of the team" in answer.text
    db.session.expire_all()
    assert theirs is not None and talk.conversation.assignee_id == theirs


@pytest.mark.parametrize("number", LARGE)
@pytest.mark.parametrize(
    "path",
    [
        "/data/reports?tag={0}&texter={0}&action={0}&before={0}",
        "/data/opt-outs/history?before={0}",
        "/data/contacts?list={0}&tag={0}",
        "/team/{texter}/conversations?after={0}",
        "/actions/{action}/conversations?texter={0}",
        "/actions/{action}/suppressed?after={0}",
        "/inbox?action={0}&tag={0}&texter={0}",
    ],
)
def test_an_address_with_such_an_id_shows_a_page(
    browser: Browser, root: str, path: str, number: str
) -> None:
    talk = Talk()
    url = path.format(number, texter=talk.texter.id, action=talk.action.id)
    assert browser.get(root + url).status_code == 200


# The number of an action that somebody launches meanwhile


@pytest.mark.parametrize("kind", [ActionKind.P2P, ActionKind.BROADCAST, ActionKind.AUTOMATED])
def test_a_number_chosen_while_somebody_launches_is_told_and_the_rest_kept(
    browser: Browser, root: str, kind: ActionKind
) -> None:
    action, other = draft(kind), factories.number(kind=NumberKind.BOTH)
    before, other_id = action.number_id, other.id
    with transaction():
        db.session.get_one(Action, action.id).state = ActionState.LIVE
    is_automated = kind is ActionKind.AUTOMATED
    step = f"automated/{action.id}/edit" if is_automated else f"{action.id}/details"
    typed = WORDS | {"watch": "off", "keywords": "RIDES", "answer": "Hi. STOP to end."}

    answer = browser.post(f"{root}/actions/{step}", typed | {"number": other_id})

    assert answer.status_code == 409
    assert "Somebody has launched it meanwhile" in answer.text
    assert 'value="Rides to the polls"' in answer.text
    saved = db.session.get_one(Action, action.id, populate_existing=True)
    assert (saved.number_id, saved.name) == (before, "Draft")


def test_a_finished_action_tells_it_and_keeps_what_was_typed(browser: Browser, root: str) -> None:
    action = draft(ActionKind.P2P)
    with transaction():
        db.session.get_one(Action, action.id).state = ActionState.FINISHED
    answer = browser.post(f"{root}/actions/{action.id}/details", WORDS)
    assert answer.status_code == 409 and "is finished" in answer.text
    assert 'value="Rides to the polls"' in answer.text
