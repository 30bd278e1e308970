"""What admins do about an alarm: resume with a reason, dismiss a warning, stop for good."""

import pytest
from sqlalchemy import select, update

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError
from webapp.models import Action, ActionKind, ActionState, ActionTally, Event, TrailEntry
from webapp.services import actions, alarm_answers, alarms, overview

REASON = "The list was mixed up, that is put right"


@pytest.fixture
def action() -> Action:
    return factories.action(factories.contact(), kind=ActionKind.BROADCAST)


def counts(action: Action, **values: int) -> None:
    with transaction():
        db.session.execute(
            update(ActionTally).where(ActionTally.action_id == action.id).values(**values)
        )


def ring(action: Action) -> bool:
    with transaction():
        return alarms.ring(db.session.get_one(Action, action.id), now=utc_now())


def resume(action: Action, reason: str = "") -> bool:
    with transaction():
        return actions.resume(action, reason=reason, by=None, now=utc_now())


def dismiss(action: Action) -> bool:
    with transaction():
        return alarm_answers.dismiss(action, by=None, now=utc_now())


def fresh(action: Action) -> Action:
    db.session.rollback()
    return db.session.get_one(Action, action.id, populate_existing=True)


def last(event: Event) -> TrailEntry | None:
    query = select(TrailEntry).where(TrailEntry.event == event).order_by(TrailEntry.id.desc())
    return db.session.scalars(query.limit(1)).first()


@pytest.mark.parametrize("reason", ["", "  ", "too short"])
def test_what_heed_paused_goes_on_with_a_reason_alone(action: Action, reason: str) -> None:
    counts(action, sent=190, delivered=10, opt_outs=6)
    assert ring(action) and fresh(action).state is ActionState.PAUSED
    with pytest.raises(InvalidError) as refused:
        resume(action, reason)
    assert refused.value.field == "reason" and fresh(action).state is ActionState.PAUSED


def test_it_is_watched_anew_from_the_resume_on(action: Action) -> None:
    counts(action, sent=190, delivered=5, undelivered=5, opt_outs=6)
    ring(action)

    assert resume(action, REASON)

    assert (fresh(action).state, fresh(action).alarm) == (ActionState.LIVE, "")
    assert (fresh(action).watched_sent, fresh(action).watched_opt_outs) == (200, 6)
    resumed = last(Event.RESUMED)
    assert resumed is not None and resumed.details == {"reason": REASON}
    assert not ring(action) and not resume(action)
    counts(action, sent=390, opt_outs=12)
    assert ring(action)


def test_what_a_person_paused_needs_no_reason_and_counts_on(action: Action) -> None:
    counts(action, sent=150, opt_outs=5)
    with transaction():
        actions.pause(action, by=None, now=utc_now())
    assert resume(action) and fresh(action).watched_sent == 0


def test_a_warning_is_dismissed_once_and_does_not_come_back_by_itself(action: Action) -> None:
    with transaction():
        action.pause_only_warns = True
    counts(action, sent=200, opt_outs=8)
    ring(action)
    assert fresh(action).state is ActionState.LIVE and fresh(action).alarm
    assert [one.action for one in overview.alarmed(action.campaign_id)] == [action]

    assert dismiss(action) and not dismiss(action)

    assert fresh(action).alarm == "" and last(Event.ALARM_DISMISSED) is not None
    assert overview.alarmed(action.campaign_id) == []
    ring(action)
    assert fresh(action).alarm == ""


def test_a_pause_is_not_dismissed(action: Action) -> None:
    counts(action, sent=200, opt_outs=8)
    ring(action)
    with pytest.raises(ConflictError, match="Resume it with a reason"):
        dismiss(action)
    assert fresh(action).alarm


def test_stopping_for_good_answers_the_alarm(action: Action) -> None:
    counts(action, sent=200, opt_outs=8)
    ring(action)
    with transaction():
        assert actions.finish(action, by=None, now=utc_now())
    assert (fresh(action).state, fresh(action).alarm) == (ActionState.FINISHED, "")


def test_a_long_reason_is_cut_at_a_word() -> None:
    words = alarm_answers.words("A list is still being imported. " * 20)
    assert len(words) <= 200 and words.endswith("…") and alarm_answers.words("Short.") == "Short."
