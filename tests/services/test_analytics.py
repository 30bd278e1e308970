"""What Analytics says: sums of figures, and rates only where there are enough texts."""

from datetime import date, timedelta

import pytest

from tests import factories, past
from tests.services.scenes import MINUTE, NOW
from webapp.models import ActionKind, MessageState, OptOutSource, Texting
from webapp.services import analytics
from webapp.services.outcomes import Outcome, Period

JANUARY = Period(date(2030, 1, 1), date(2030, 1, 31))


def test_a_period_is_compared_with_as_many_days_before() -> None:
    home = factories.campaign()
    week = analytics.last_days(home, 7, now=NOW)
    assert week == Period(date(2030, 1, 9), date(2030, 1, 15))
    assert week.before == Period(date(2030, 1, 2), date(2030, 1, 8))
    assert analytics.last_days(home, None, now=NOW).before is None


def test_today_is_the_day_of_the_campaign() -> None:
    home = factories.campaign(time_zone="Pacific/Auckland")
    assert analytics.last_days(home, 7, now=NOW).last == date(2030, 1, 16)


def test_rates_of_an_action_and_of_its_versions() -> None:
    home = factories.campaign()
    action = past.action(home, "Canvass")
    versions = [*past.scripts_of(action), past.add_script(action)]
    texts = past.first_texts(action, 100, at=NOW, script_id=versions[0])
    silent = past.first_texts(action, 100, at=NOW, script_id=versions[1], state=MessageState.SENT)
    past.first_texts(action, 50, at=NOW, state=MessageState.FAILED, error_code="30006")
    past.replies(texts[:30], after=4 * MINUTE)
    past.opt_outs(texts[:4], OptOutSource.STOP_WORD, after=5 * MINUTE)
    past.opt_outs(silent[:1], OptOutSource.REPORT, after=5 * MINUTE)
    past.count(NOW + timedelta(hours=1))

    found = analytics.overview(home, JANUARY, None)
    assert (found.total.texted, found.total.tried, found.total.opt_outs) == (200, 250, 5)
    assert found.total.delivery_rate == 80
    assert found.total.reply_rate == 15
    assert found.wait == pytest.approx(240, rel=0.05)
    assert [line.outcome.opt_out_rate for line in found.actions] == [2.5]
    assert {line.name: line.outcome.opt_out_rate for line in found.scripts} == {
        "Canvass, version 1": 4,
        "Canvass, version 2": 1,
    }
    assert found.hours[12].name == "12 pm"
    assert found.hours[12].outcome.opt_outs == 5
    assert sum(line.outcome.opt_outs for line in found.lists) == 5
    reasons = analytics.not_delivered(home, JANUARY, None)
    assert reasons == [("A landline, or a carrier that can't be reached", "30006", 50)]


def test_too_few_texts_have_no_rate() -> None:
    home = factories.campaign()
    action = past.action(home, "Canvass")
    texts = past.first_texts(action, 49, at=NOW)
    past.opt_outs(texts[:5], OptOutSource.STOP_WORD, after=MINUTE)
    past.count(NOW + timedelta(hours=1))
    before = analytics.overview(home, JANUARY, None)
    assert before.total.opt_out_rate is before.total.reply_rate is before.wait is None
    assert before.total.delivery_rate is None

    past.first_texts(action, 1, at=NOW)
    past.count(NOW + timedelta(hours=1, minutes=1))
    after = analytics.overview(home, JANUARY, None)
    assert after.total.opt_out_rate == 10
    assert after.total.reply_rate == 0


def test_days_and_channels_are_kept_apart() -> None:
    home = factories.campaign()
    canvass = past.action(home, "Canvass")
    rally = past.action(home, "Rally", kind=ActionKind.BROADCAST)
    past.first_texts(canvass, 3, at=NOW)
    past.first_texts(canvass, 2, at=NOW - timedelta(days=20))
    past.first_texts(rally, 4, at=NOW)
    past.count(NOW + timedelta(hours=1))

    week = analytics.last_days(home, 7, now=NOW)
    ever = Period(None, date(2030, 1, 15))
    assert analytics.overview(home, week, None).total.texted == 7
    assert analytics.overview(home, week, Texting.P2P).total.texted == 3
    assert analytics.overview(home, ever, Texting.P2P).total.texted == 5
    assert analytics.totals(home, ever, Texting.BROADCAST)[0].texted == 4
    assert [line.name for line in analytics.overview(home, ever, None).actions] == [
        "Rally",
        "Canvass",
    ]


def test_texters_are_listed_by_name() -> None:
    home = factories.campaign()
    action = past.action(home, "Canvass")
    zoe, ana = factories.texter(home, name="Zoe Low"), factories.texter(home, name="Ana Sosa")
    past.first_texts(action, 9, at=NOW, by_user_id=zoe.id)
    hers = past.first_texts(action, 2, at=NOW, by_user_id=ana.id)
    past.reports(past.replies(hers, after=MINUTE), ana)
    past.count(NOW + timedelta(hours=1))
    people = analytics.texters(home, JANUARY, None)
    assert [(one.name, one.work["sent"], one.work["reports"]) for one in people] == [
        ("Ana Sosa", 2, 2),
        ("Zoe Low", 9, 0),
    ]


def test_nothing_comes_to_nothing() -> None:
    home = factories.campaign()
    found = analytics.overview(home, JANUARY, None)
    assert found.total == Outcome()
    assert (found.actions, found.scripts, found.lists) == ([], [], [])
    assert analytics.totals(home, JANUARY, None)[0].texted == 0
