"""Figures for Analytics: counted block by block, they say what the texts say."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from tests import factories, past
from tests.services import busy_day, scenes
from tests.services.scenes import MINUTE, NOW
from webapp.db import Base, db, transaction, utc_now
from webapp.jobs import queue
from webapp.models import (
    Action,
    ActionKind,
    ActionList,
    ActionTally,
    Contact,
    FigureBlock,
    FigureOfFailures,
    FigureOfTexters,
    FigureOfTexts,
    FigureOfWaits,
    ListMember,
    Message,
    MessageState,
    OptOutSource,
    Source,
    Texting,
)
from webapp.services import figure_blocks, figure_counts, figures, optouts
from webapp.services.outcomes import OUTCOMES, SOURCES

LATER = NOW + timedelta(hours=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of ten ids, so that a few texts fill several."""
    monkeypatch.setattr(figure_blocks, "SIZE", 10)
    monkeypatch.setattr("webapp.services.figure_reading.SIZE", 10)


def sums(model: type[Base], *names: str, **conditions: Any) -> dict[str, int]:
    """The sums of some counts."""
    columns = [func.coalesce(func.sum(model.__table__.c[name]), 0) for name in names]
    row = db.session.execute(select(*columns).filter_by(**conditions)).one()
    return dict(zip(names, map(int, row), strict=True))


def outcomes(**conditions: Any) -> dict[str, int]:
    found = sums(FigureOfTexts, *OUTCOMES, **conditions)
    return {name: amount for name, amount in found.items() if amount}


def test_the_figures_of_a_busy_day_add_up_to_the_kept_counts() -> None:
    cast = busy_day.live_through()
    past.count(LATER)

    kept = db.session.get_one(ActionTally, cast.action.id)
    found = outcomes(action_id=cast.action.id)
    assert found["sent"] == kept.sent == 3
    assert found["delivered"] == kept.delivered == 3
    assert found["failed"] == kept.failed + kept.undelivered == 2
    assert found["replied"] == kept.replies == 2


def test_each_phone_counts_once_and_by_the_road_of_its_first_opt_out() -> None:
    """On the busy day one person is opted out by a report, comes back and then texts QUIT; one
    whose STOP was quicker than the text was never texted."""
    cast = busy_day.live_through()
    past.count(LATER)

    found = outcomes(action_id=cast.action.id)
    by_road = {road: found[road] for road in SOURCES if road in found}
    assert by_road == {"stop_word": 1, "report": 1, "carrier": 1}


def test_failures_waits_and_work_of_a_busy_day() -> None:
    cast = busy_day.live_through()
    past.count(LATER)

    codes = db.session.execute(select(FigureOfFailures.code, FigureOfFailures.failed)).all()
    assert sorted(map(tuple, codes)) == [("21610", 1), ("21614", 1)]
    assert sums(FigureOfWaits, "replied") == {"replied": 2}
    work = ("sent", "replies", "reports", "hints")
    mine = sums(FigureOfTexters, *work, user_id=cast.texter.id)
    assert mine == {"sent": 6, "replies": 2, "reports": 2, "hints": 1}


def test_a_campaign_has_its_own_figures_only() -> None:
    cast = busy_day.live_through()
    past.count(LATER)
    assert outcomes(campaign_id=cast.neighbours[0].campaign_id) == {"sent": 2}


def test_counting_again_changes_nothing_and_writes_no_figure() -> None:
    busy_day.live_through()
    past.count(LATER)
    before = everything()
    written: list[str] = []

    def listen(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(" ")[0] in ("INSERT", "DELETE") and "figure_of" in statement:
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    past.count(LATER + MINUTE)
    event.remove(db.engine, "before_cursor_execute", listen)
    assert written == []
    assert everything() == before


def everything() -> Counter[Any]:
    models = (FigureOfTexts, FigureOfFailures, FigureOfWaits, FigureOfTexters)
    return Counter(
        (model.__name__, *row)
        for model in models
        for row in db.session.execute(select(*model.__table__.c))
    )


@pytest.mark.usefixtures("small_blocks")
def test_blocks_come_to_the_same_as_one_count_over_all() -> None:
    cast = busy_day.live_through()
    past.count(LATER)
    assert len(db.session.scalars(select(FigureBlock)).all()) > 3
    assert outcomes(action_id=cast.action.id) == {
        "sent": 3,
        "delivered": 3,
        "failed": 2,
        "replied": 2,
        "stop_word": 1,
        "report": 1,
        "carrier": 1,
    }
    assert sums(FigureOfTexters, "reports", "sent") == {"reports": 2, "sent": 8}


@pytest.mark.usefixtures("small_blocks")
def test_an_answer_to_an_old_text_is_seen_in_the_next_minute() -> None:
    action = past.action(factories.campaign(), "Canvass")
    old = past.first_texts(action, 12, at=NOW - timedelta(days=40))
    past.count(NOW)
    assert outcomes() == {"delivered": 12}

    past.replies(old[:1], after=timedelta(days=40, minutes=1))
    past.opt_outs(old[1:2], OptOutSource.ADMIN, after=timedelta(days=40, minutes=1))
    past.count(NOW + 2 * MINUTE)
    assert outcomes() == {"delivered": 12, "replied": 1, "admin": 1}


@pytest.mark.usefixtures("small_blocks")
def test_a_late_delivery_report_is_seen_in_its_turn() -> None:
    """Nothing tells which block it belongs to; an hour after the texts that takes 15 minutes."""
    action = past.action(factories.campaign(), "Canvass")
    text = past.first_texts(action, 1, at=NOW - HOUR, state=MessageState.SENT)[0]
    past.first_texts(action, 19, at=NOW - HOUR, state=MessageState.SENT)
    past.count(NOW)
    past.count(NOW + 3 * MINUTE)
    with transaction():
        delivered = update(Message).where(Message.id == text.id)
        db.session.execute(delivered.values(state=MessageState.DELIVERED))

    past.count(NOW + 5 * MINUTE)
    assert outcomes() == {"sent": 20}
    past.count(NOW + 20 * MINUTE)
    assert outcomes() == {"sent": 19, "delivered": 1}


@pytest.mark.usefixtures("small_blocks")
def test_texts_that_waited_for_the_morning_are_seen_when_they_leave() -> None:
    home = factories.campaign()
    people = [factories.contact(of=home) for _ in range(3)]
    texter = factories.texter(home)
    action = factories.action(*people, of=home)
    for person in people:
        factories.first_text(action, person, texter)
    past.count(NOW)  # Years after the texts were queued: their turn is far off.
    past.count(NOW + 3 * MINUTE)
    assert outcomes() == {}

    scenes.send_all(now=NOW + 4 * MINUTE)
    past.count(NOW + 5 * MINUTE)
    assert outcomes() == {"sent": 3}


@pytest.mark.usefixtures("small_blocks")
def test_rows_older_than_the_last_look_are_seen_all_the_same() -> None:
    """A clock that went back, or a story that is told afterwards."""
    action = past.action(factories.campaign(), "Canvass")
    past.first_texts(action, 5, at=NOW)
    past.count(NOW + HOUR)
    past.first_texts(action, 30, at=NOW - 5 * HOUR)
    past.count(NOW + HOUR + MINUTE)
    assert outcomes() == {"delivered": 35}


@pytest.mark.usefixtures("small_blocks")
def test_when_the_time_is_up_the_rest_waits_and_the_page_knows() -> None:
    action = past.action(factories.campaign(), "Canvass")
    past.first_texts(action, 60, at=NOW - HOUR)
    ticks = iter(range(100))

    def watch() -> float:
        return float(next(ticks))

    left = figures.bring_up_to_date(transaction, now=NOW, seconds=3, watch=watch)
    assert left > 2
    assert outcomes()["delivered"] < 60
    assert figures.as_of() == NOW

    left_then = figures.bring_up_to_date(transaction, now=NOW + MINUTE, seconds=2, watch=watch)
    assert 0 < left_then < left + 2
    assert figures.as_of() == NOW, "What waits since then is not in the figures."
    past.count(NOW + 2 * MINUTE)
    assert outcomes() == {"delivered": 60}
    assert figures.as_of() == NOW + 2 * MINUTE


def test_the_job_of_the_minute_brings_them_up_to_date(app: Flask) -> None:
    past.first_texts(past.action(factories.campaign(), "Canvass"), 3, at=utc_now())
    queue.each_minute()
    assert outcomes() == {"delivered": 3}


def test_a_block_that_waits_keeps_its_place() -> None:
    """Else a block in which something happens each minute would never be the oldest."""
    found = figure_blocks.Touched(0, 0, 0, {(Source.MESSAGE, 1)})
    for minute in range(3):
        with transaction():
            figure_blocks.mark(found, now=NOW + minute * MINUTE)
    assert figure_blocks.waiting_since(NOW + HOUR) == NOW


def test_an_opt_out_without_proof_answers_the_last_action_of_its_kind() -> None:
    home = factories.campaign()
    first, second = past.action(home, "First"), past.action(home, "Second")
    rally = past.action(home, "Rally", kind=ActionKind.BROADCAST)
    text = past.first_texts(first, 1, at=NOW)[0]
    for later, hours in ((second, 1), (rally, 2)):
        with transaction():
            db.session.add(again(text, later, NOW + hours * HOUR))
    past.opt_outs([text], OptOutSource.IMPORT, after=3 * HOUR)
    past.count(NOW + 4 * HOUR)
    assert outcomes(action_id=first.id) == {"delivered": 1}
    assert outcomes(action_id=second.id) == {"delivered": 1, "imported": 1}
    assert outcomes(action_id=rally.id) == {"delivered": 1}


def again(text: Message, action: Action, at: datetime) -> Message:
    """The same person gets a text of another action."""
    return Message(
        campaign_id=text.campaign_id,
        contact_id=text.contact_id,
        action_id=action.id,
        number_id=action.number_id,
        texting=action.texting,
        direction=text.direction,
        kind=text.kind,
        state=MessageState.DELIVERED,
        body="Hi again.",
        created_at=at,
        sending_at=at,
    )


def test_an_opt_out_from_before_the_text_answers_nothing() -> None:
    home = factories.campaign()
    action = past.action(home, "Canvass")
    texts = past.first_texts(action, 2, at=NOW)
    past.opt_outs(texts, OptOutSource.ADMIN, after=-MINUTE)
    past.count(LATER)
    assert outcomes() == {"delivered": 2}


def test_every_road_of_an_opt_out_has_its_column() -> None:
    assert set(figure_counts.OPT_OUTS) == set(OptOutSource)
    assert set(figure_counts.OPT_OUTS.values()) == set(SOURCES)


def test_one_opt_out_that_stops_both_kinds_counts_for_the_kind_it_answered() -> None:
    home = factories.campaign(one_opt_out_stops_both=True)
    canvass = past.action(home, "Canvass")
    rally = past.action(home, "Rally", kind=ActionKind.BROADCAST)
    text = past.first_texts(canvass, 1, at=NOW)[0]
    with transaction():
        db.session.add(again(text, rally, NOW + MINUTE))
    answer = past.replies([text], "STOP", after=2 * MINUTE)[0]
    with transaction():
        answer = db.session.merge(answer)
        answer.meaning = "opt_out"
        contact = db.session.get_one(Contact, text.contact_id)
        optouts.record(
            contact,
            Texting.P2P,
            source=OptOutSource.STOP_WORD,
            message_id=answer.id,
            now=NOW + 2 * MINUTE,
        )
    past.count(LATER)
    assert outcomes(action_id=canvass.id) == {"delivered": 1, "stop_word": 1}
    assert outcomes(action_id=rally.id) == {"delivered": 1}


def test_day_and_hour_are_those_of_the_campaign() -> None:
    """A zone with half an hour, on the evening that is already tomorrow in UTC."""
    home = factories.campaign(time_zone="America/St_Johns")
    action = past.action(home, "Canvass")
    past.first_texts(action, 1, at=datetime(2030, 1, 16, 1, 15, tzinfo=NOW.tzinfo))
    past.first_texts(action, 2, at=datetime(2030, 1, 16, 2, 35, tzinfo=NOW.tzinfo))
    past.count(NOW + timedelta(days=1))
    rows = db.session.execute(
        select(FigureOfTexts.day, FigureOfTexts.hour, FigureOfTexts.delivered)
    ).all()
    assert sorted((str(day), hour, amount) for day, hour, amount in rows) == [
        ("2030-01-15", 21, 1),
        ("2030-01-15", 23, 2),
    ]


def test_a_contact_on_several_lists_counts_under_the_oldest() -> None:
    home = factories.campaign()
    action = past.action(home, "Canvass")
    first = past.first_texts(action, 2, at=NOW)
    other = factories.contact_list(of=home)
    with transaction():
        db.session.add(ActionList(action_id=action.id, list_id=other.id))
        db.session.add_all(
            ListMember(list_id=other.id, contact_id=text.contact_id) for text in first
        )
    past.count(LATER)
    lists = db.session.scalars(select(FigureOfTexts.list_id)).all()
    assert len(lists) == 1 and lists[0] != other.id
