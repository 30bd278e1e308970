"""Texts go out by day: in the campaign's zone and wherever the contact may be."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from webapp.texting import places
from webapp.texting.hours import (
    Hours,
    closes_at,
    local_time,
    may_text,
    opens_at,
    parse,
    zones_of,
)

DAY = parse("09:00-21:00")
CHICAGO, NEW_YORK, GUAM = "America/Chicago", "America/New_York", "Pacific/Guam"


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("09:00-21:00", Hours(540, 1260)),
        ("9:00-21:00", Hours(540, 1260)),
        (" 09:30 – 17:45 ", Hours(570, 1065)),
        ("00:00-24:00", Hours(0, 1440)),
    ],
)
def test_hours_are_read(text, hours):
    assert parse(text) == hours


def test_hours_are_written_as_they_are_read():
    assert [str(parse(text)) for text in ("9:00-21:00", "00:00-24:00")] == [
        "09:00-21:00",
        "00:00-24:00",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("9-5", "“9-5” is not a span of hours. Write it like 09:00-21:00."),
        ("", "“” is not a span of hours. Write it like 09:00-21:00."),
        ("09:60-21:00", "“09:60-21:00” is not a span of hours. Write it like 09:00-21:00."),
        ("21:00-09:00", "“21:00-09:00” ends before it begins."),
        ("09:00-09:00", "“09:00-09:00” ends before it begins."),
        ("09:00-24:01", "“09:00-24:01” goes past midnight. The last possible hour is 24:00."),
        ("24:00-25:00", "“24:00-25:00” goes past midnight. The last possible hour is 24:00."),
    ],
)
def test_hours_that_are_none_are_refused_with_a_sentence(text, sentence):
    with pytest.raises(ValueError, match=r".") as refusal:
        parse(text)

    assert str(refusal.value) == sentence


def test_hours_cannot_end_before_they_begin():
    with pytest.raises(ValueError, match="end after they begin"):
        Hours(600, 600)


@pytest.mark.parametrize(
    ("phone", "state", "zones"),
    [
        ("+13125550142", None, "America/Chicago"),
        ("+12125550142", None, "America/New_York"),
        ("+13125550142", "TX", "America/Chicago,America/Denver"),
        ("+13125550142", " tx ", "America/Chicago,America/Denver"),
        ("+13125550142", "CA", "America/Los_Angeles"),
        ("+13125550142", "AZ", "America/Denver,America/Phoenix"),
        ("+13125550142", "ZZ", "America/Chicago"),
        ("+13125550142", "", "America/Chicago"),
        ("+18505550142", None, "America/Chicago,America/New_York"),
        ("+12085550142", None, "America/Boise,America/Denver,America/Los_Angeles"),
        ("+19075550142", None, "America/Adak,America/Anchorage,America/Juneau,Pacific/Honolulu"),
        ("+18085550142", None, "Pacific/Honolulu"),
        ("+17875550142", None, "America/Puerto_Rico"),
        ("+16715550142", None, "Pacific/Guam"),
        ("+14165550142", None, "America/Toronto"),
        ("+18675550142", None, ""),  # Five zones and more in the north of Canada.
        ("+18005550199", None, ""),
        ("+12005550142", None, ""),
        ("+442079460018", None, "Europe/London"),
        ("+99912345678", None, ""),
        ("", None, ""),
    ],
)
def test_a_contact_may_be_in_every_zone_of_the_state_or_else_of_the_area_code(phone, state, zones):
    assert zones_of(phone, state) == zones


def test_every_zone_we_may_name_is_known_to_the_clock():
    keys = {*places._ZONES_OF_AREA.values(), *places._ZONES_OF_STATE.values()}
    abroad = {zone for zones in TIMEZONE_DATA.values() for zone in zones}
    for zone in {name for key in keys for name in key.split(",") if name} | abroad:
        assert ZoneInfo(zone).key == zone


def test_every_state_and_province_has_its_zones():
    assert len(places._ZONES_OF_STATE) == 50 + 1 + 5 + 13


@pytest.mark.parametrize(
    ("now", "campaign", "zones", "open_"),
    [
        ("2026-06-01T09:00", CHICAGO, CHICAGO, True),
        ("2026-06-01T08:59:59", CHICAGO, CHICAGO, False),
        ("2026-06-01T20:59:59", CHICAGO, CHICAGO, True),
        ("2026-06-01T21:00", CHICAGO, CHICAGO, False),
        ("2026-06-01T20:30", CHICAGO, NEW_YORK, False),
        ("2026-06-01T09:30", CHICAGO, "America/Denver", False),
        ("2026-06-01T10:00", CHICAGO, "America/Chicago,America/Denver", True),
        ("2026-06-01T09:30", CHICAGO, "America/Chicago,America/Denver", False),
        # Nobody knows where: noon to 8 pm Eastern is 11 to 19 in Chicago.
        ("2026-06-01T10:59", CHICAGO, "", False),
        ("2026-06-01T11:00", CHICAGO, "", True),
        ("2026-06-01T18:59", CHICAGO, "", True),
        ("2026-06-01T19:00", CHICAGO, "", False),
    ],
)
def test_it_is_texting_time_when_it_is_in_all_zones(now, campaign, zones, open_):
    assert may_text(at(now, campaign), DAY, campaign, zones) is open_


def test_midnight_to_midnight_means_any_time_anywhere():
    always = parse("00:00-24:00")
    now = at("2026-06-01T03:00", CHICAGO)

    assert may_text(now, always, CHICAGO, "")
    assert opens_at(now, always, CHICAGO, "") == now
    assert closes_at(now, always, CHICAGO, "") == now + timedelta(days=8)


@pytest.mark.parametrize(
    ("now", "campaign", "zones", "opens"),
    [
        ("2026-06-01T12:00", CHICAGO, CHICAGO, "2026-06-01T17:00"),
        ("2026-06-01T05:00", CHICAGO, CHICAGO, "2026-06-01T14:00"),
        ("2026-06-01T22:00", CHICAGO, CHICAGO, "2026-06-02T14:00"),
        ("2026-06-01T05:00", CHICAGO, "America/Los_Angeles", "2026-06-01T16:00"),
        ("2026-06-01T05:00", CHICAGO, "", "2026-06-01T16:00"),
        # The campaign's morning in Guam is the evening before in New York.
        ("2026-06-01T12:00", GUAM, NEW_YORK, "2026-06-01T23:00"),
        # The night on which clocks go forward, and the one on which they go back.
        ("2026-03-08T01:00", CHICAGO, CHICAGO, "2026-03-08T14:00"),
        ("2026-11-01T00:30", CHICAGO, CHICAGO, "2026-11-01T15:00"),
    ],
)
def test_texting_opens_at_the_first_moment_that_suits_all(now, campaign, zones, opens):
    assert opens_at(at(now, campaign), DAY, campaign, zones) == at(opens)


def test_texting_never_opens_when_the_windows_do_not_meet():
    assert opens_at(at("2026-06-01T12:00"), parse("09:00-10:00"), GUAM, NEW_YORK) is None


@pytest.mark.parametrize(
    ("now", "zones", "closes"),
    [
        ("2026-06-01T12:00", CHICAGO, "2026-06-02T02:00"),
        ("2026-06-01T12:00", NEW_YORK, "2026-06-02T01:00"),
        ("2026-06-01T12:00", "", "2026-06-02T00:00"),
        ("2026-06-01T22:00", CHICAGO, "2026-06-02T03:00"),  # Closed already: now.
    ],
)
def test_the_present_window_closes(now, zones, closes):
    assert closes_at(at(now, CHICAGO), DAY, CHICAGO, zones) == at(closes)


def test_hours_in_the_gap_when_clocks_go_forward_begin_after_it():
    early = parse("02:30-06:00")

    assert opens_at(at("2026-03-08T00:00", CHICAGO), early, CHICAGO, CHICAGO) == at(
        "2026-03-08T08:00"
    )


def test_hours_that_come_twice_when_clocks_go_back_close_and_open_again():
    late = parse("01:30-05:00")
    first = opens_at(at("2026-11-01T00:00", CHICAGO), late, CHICAGO, CHICAGO)
    assert first == at("2026-11-01T06:30")

    closed = closes_at(first, late, CHICAGO, CHICAGO)
    assert closed == at("2026-11-01T07:00")
    assert opens_at(closed, late, CHICAGO, CHICAGO) == at("2026-11-01T07:30")


@pytest.mark.parametrize("start", ["2026-03-06T00:00", "2026-10-30T00:00", "2026-06-01T00:00"])
@pytest.mark.parametrize("hours", ["09:00-21:00", "01:30-02:30", "00:00-12:00", "12:00-24:00"])
@pytest.mark.parametrize("zones", [CHICAGO, "America/Phoenix,America/Denver", "", "Asia/Kolkata"])
def test_opening_and_closing_agree_with_a_walk_along_the_clock(start, hours, zones):
    span, moment = parse(hours), at(start)
    states = []
    for _ in range(4 * 24 * 6):
        states.append((moment, may_text(moment, span, CHICAGO, zones)))
        moment += timedelta(minutes=10)
    for (now, is_open), (later, next_is_open) in pairwise(states):
        if not is_open and next_is_open:
            assert now < opens_at(now, span, CHICAGO, zones) <= later
        if is_open and not next_is_open:
            assert now < closes_at(now, span, CHICAGO, zones) <= later


def test_the_local_time_is_known_when_all_zones_agree():
    now = at("2026-06-01T17:00")

    assert local_time(now, CHICAGO).hour == 12
    assert local_time(now, "America/New_York,America/Detroit").hour == 13
    assert local_time(now, "America/Chicago,America/Denver") is None
    assert local_time(now, "") is None


def test_answers_are_in_utc():
    now = at("2026-06-01T22:00", CHICAGO)

    assert opens_at(now, DAY, CHICAGO, CHICAGO).tzinfo is UTC
    assert closes_at(now, DAY, CHICAGO, CHICAGO).tzinfo is UTC
