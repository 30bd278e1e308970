"""A broadcast under somebody's eyes: it goes on by itself, and nothing moves under a finger."""

import time
from collections.abc import Callable

from playwright.sync_api import expect
from sqlalchemy import update

from tests import factories
from tests.browser.shift import Shift
from tests.browser.window import Window
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionKind, ActionMoment, ActionTally
from webapp.services import actions

Windows = Callable[..., Window]


def test_a_live_broadcast_goes_on_under_the_eyes_and_moves_no_button(
    shift: Shift, window: Windows
) -> None:
    people, kind = shift.people, ActionKind.BROADCAST
    action = factories.action(*people, of=shift.campaign, kind=kind, name="Rally")
    _is_sent(action, len(people))
    now = utc_now().replace(minute=0, second=0, microsecond=0)
    with transaction():
        _count(action, total=100, ready=60, sent=40, delivered=0)
        db.session.merge(ActionMoment(action_id=action.id, at=now, sent=40))
    page = window(shift.owner).open(f"{shift.base}/actions/{action.id}")
    expect(page.get_by_role("heading", name="40 of 100 sent")).to_be_visible()
    page.get_by_text("Show as table").last.click()
    page.get_by_role("button", name="Pause").focus()

    with transaction():
        _count(action, ready=40, sent=57, failed=3, opt_outs=1)

    expect(page.get_by_role("heading", name="57 of 100 sent")).to_be_visible()
    expect(page.locator("#tiles")).to_contain_text("5.0%")
    expect(page).to_have_title("60% – Rally – Heed")
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    expect(page.get_by_role("table", name="Texts sent")).to_be_visible()

    with transaction():
        actions.pause(db.session.get_one(Action, action.id), by=None, now=utc_now())
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Sending again.")).to_be_visible()


def _is_sent(action: Action, people: int) -> None:
    """Wait until the worker has texted everybody: from then on it changes no count."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        db.session.rollback()
        kept = db.session.get_one(ActionTally, action.id, populate_existing=True)
        if kept.sent + kept.delivered == people:
            return
        time.sleep(0.1)
    raise AssertionError("The worker did not send the broadcast within 20 seconds.")


def _count(action: Action, **values: int) -> None:
    counts = update(ActionTally).where(ActionTally.action_id == action.id)
    db.session.execute(counts.values(**values))
