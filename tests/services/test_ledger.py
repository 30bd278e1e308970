"""The ledger: current opt-outs, their history, requests from elsewhere, and the file."""

import csv
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import (
    Campaign,
    Contact,
    ContactTag,
    Event,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import (
    channel_gap,
    exports,
    ledger,
    ledger_history,
    optouts,
    sheets,
    tags,
)

NOTE = "Called the office on May 5"


@pytest.fixture
def home() -> Campaign:
    return factories.campaign()


def opt_out(
    person: Contact,
    kind: Texting = Texting.P2P,
    *,
    source: OptOutSource = OptOutSource.REPORT,
    by: User | None = None,
    note: str = "",
    hours_ago: float = 0,
) -> None:
    with transaction():
        moment = utc_now() - timedelta(hours=hours_ago)
        optouts.record(person, kind, source=source, by=by, note=note, now=moment)


def log(phone: str, *kinds: Texting, by: User | None = None) -> dict[Texting, bool]:
    with transaction():
        home = factories.the_campaign()
        return ledger.log_request(home, phone, kinds, NOTE, by=by, now=utc_now())


def found(home: Campaign, **narrowed: object) -> list[tuple[int, Texting]]:
    page = ledger.current(home.id, **narrowed)  # type: ignore[arg-type]
    return [(line.contact.id, line.texting) for line in page.lines]


def history(campaign_id: int, **wanted: object) -> tuple[list[ledger_history.Change], int | None]:
    page = ledger_history.page(campaign_id, **wanted)  # type: ignore[arg-type]
    return page.changes, page.before


def test_the_newest_opt_out_of_either_kind_comes_first(home: Campaign) -> None:
    old, new = factories.contact(), factories.contact()
    opt_out(old, Texting.P2P, hours_ago=3)
    opt_out(new, Texting.BROADCAST, hours_ago=2)
    opt_out(old, Texting.BROADCAST, hours_ago=1)
    assert found(home) == [
        (old.id, Texting.BROADCAST),
        (new.id, Texting.BROADCAST),
        (old.id, Texting.P2P),
    ]


def test_pages_by_key_hold_everybody_once_also_when_all_opted_out_at_once(home: Campaign) -> None:
    moment = utc_now()
    people = [factories.contact() for _ in range(7)]
    with transaction():
        for person in people:
            for kind in Texting:
                optouts.record(person, kind, source=OptOutSource.IMPORT, now=moment)
    seen, after = [], None
    for _ in range(10):
        page = ledger.current(home.id, after=after, size=3)
        seen += [(line.contact.id, line.texting) for line in page.lines]
        after = page.after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 14
    assert seen == sorted(seen, key=lambda one: (one[0], list(Texting).index(one[1])), reverse=True)


@pytest.mark.parametrize(
    "written", ["+13125550142", "(312) 555-0142", "312.555.0142", "1 312 555 0142", "555-0142"]
)
def test_a_number_is_found_however_it_is_written(home: Campaign, written: str) -> None:
    person = factories.contact(phone="+13125550142")
    opt_out(person)
    opt_out(factories.contact(phone="+13125550143"))
    assert found(home, search=written) == [(person.id, Texting.P2P)]


@pytest.mark.parametrize("written", ["dana", "whit", "Dana Whitfield", "nobody"])
def test_a_name_is_found_by_its_beginning(home: Campaign, written: str) -> None:
    person = factories.contact(first_name="Dana", last_name="Whitfield")
    opt_out(person)
    expected = [] if written == "nobody" else [(person.id, Texting.P2P)]
    assert found(home, search=written) == expected


def test_a_search_that_finds_too_many_says_so(home: Campaign) -> None:
    for _ in range(3):
        opt_out(factories.contact(first_name="Dana"))
    page = ledger.current(home.id, search="dana", size=2)
    assert page.is_cut and page.after is None
    assert not ledger.current(home.id, search="dana", size=3).is_cut


def test_the_ledger_is_narrowed_by_kind_and_source(home: Campaign) -> None:
    stopped, imported = factories.contact(), factories.contact()
    opt_out(stopped, Texting.P2P, source=OptOutSource.STOP_WORD)
    opt_out(imported, Texting.BROADCAST, source=OptOutSource.IMPORT)
    assert found(home, texting=Texting.BROADCAST) == [(imported.id, Texting.BROADCAST)]
    assert found(home, source=OptOutSource.STOP_WORD) == [(stopped.id, Texting.P2P)]
    assert found(home, texting=Texting.P2P, source=OptOutSource.IMPORT) == []


def test_ordinary_tags_and_other_campaigns_are_not_in_the_ledger(home: Campaign) -> None:
    elsewhere = factories.campaign()
    opt_out(factories.contact(of=elsewhere))
    tag, person = factories.tag(), factories.contact()
    with transaction():
        tags.apply(tag, person.id, by=None, now=utc_now())
    assert found(home) == []


def test_a_lifted_opt_out_leaves_the_ledger_and_stays_in_the_history(home: Campaign) -> None:
    maya, person = factories.admin(name="Maya Okafor"), factories.contact()
    opt_out(person, by=maya)
    with transaction():
        optouts.lift(
            person,
            Texting.P2P,
            reason="Dana texted us and asked for it",
            agreed="replied",
            by=maya,
            now=utc_now(),
        )

    assert found(home) == []
    changes, more = history(home.id)
    assert more is None
    assert [(one.entry.event, one.by, one.text) for one in changes] == [
        (Event.OPT_OUT_LIFTED, "Maya Okafor", "Dana texted us and asked for it"),
        (Event.OPTED_OUT, "Maya Okafor", ""),
    ]


def test_the_history_pages_by_key(home: Campaign) -> None:
    for _ in range(5):
        opt_out(factories.contact())
    first, before = history(home.id, size=3)
    rest, end = history(home.id, before=before, size=3)
    ids = [one.entry.id for one in first + rest]
    assert ids == sorted(ids, reverse=True) and len(ids) == 5 and end is None
    assert history(home.id, texting=Texting.BROADCAST) == ([], None)


def test_a_request_from_elsewhere_counts_for_a_number_nobody_knew(home: Campaign) -> None:
    maya = factories.admin(name="Maya Okafor")
    assert log("(312) 555-0142", *Texting, by=maya) == dict.fromkeys(Texting, True)

    lines = ledger.current(home.id, search="312 555 0142").lines
    assert {(line.contact.phone, line.by, line.text) for line in lines} == {
        ("+13125550142", "Maya Okafor", NOTE)
    }
    assert not optouts.standing(lines[0].contact)[Texting.BROADCAST].may_be_texted


def test_the_same_request_again_is_noted_and_changes_nothing(home: Campaign) -> None:
    log("3125550142", Texting.P2P)
    assert log("3125550142", Texting.P2P) == {Texting.P2P: False}
    assert db.session.scalar(select(func.count()).select_from(ContactTag)) == 1
    last = select(TrailEntry.event).order_by(TrailEntry.id.desc()).limit(1)
    assert db.session.scalar(last) is Event.OPT_OUT_REPEATED


@pytest.mark.parametrize(
    ("phone", "kinds", "note", "field"),
    [
        ("555", [Texting.P2P], NOTE, "phone"),
        ("nobody", [Texting.P2P], NOTE, "phone"),
        ("3125550142", [], NOTE, "kinds"),
        ("3125550142", [Texting.P2P], "  ", "source"),
    ],
)
def test_a_request_that_says_too_little_makes_nothing(
    home: Campaign, phone: str, kinds: list[Texting], note: str, field: str
) -> None:
    with pytest.raises(InvalidError) as refusal, transaction():
        ledger.log_request(home, phone, kinds, note, by=None, now=utc_now())
    assert refusal.value.field == field
    assert db.session.scalar(select(Contact)) is None


def test_the_file_has_one_row_per_current_opt_out(home: Campaign) -> None:
    maya, person = factories.admin(name="Maya Okafor"), factories.contact(phone="+13125550142")
    opt_out(person, Texting.P2P, by=maya)
    opt_out(person, Texting.BROADCAST, source=OptOutSource.IMPORT, note="From the old system")
    opt_out(factories.contact(of=factories.campaign()))

    lines = "".join(sheets.lines(exports.OPT_OUTS, exports.opt_outs(home.id)))

    rows = list(csv.DictReader(lines.splitlines()))
    assert [*rows[0]] == ["phone", "kind", "since", "source", "by", "text"]
    assert {(row["phone"], row["kind"], row["source"], row["by"], row["text"]) for row in rows} == {
        ("+13125550142", "p2p", "report", "Maya Okafor", ""),
        ("+13125550142", "broadcast", "import", "The command line", "From the old system"),
    }
    assert all(row["since"].endswith("Z") for row in rows)


def test_the_file_is_read_in_steps_and_misses_nobody(
    home: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_CARRIED", exports._CARRIED.limit(2))
    people = [factories.contact() for _ in range(5)]
    for person in people:
        opt_out(person)
    assert [row[0] for row in exports.opt_outs(home.id)] == [person.phone for person in people]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"])
def test_no_cell_of_a_file_acts_as_a_formula(cell: str) -> None:
    heading, row = sheets.lines(["phone", "text"], [("+13125550142", cell)])
    assert heading == "phone,text\r\n"
    assert next(csv.reader([row])) == ["+13125550142", f"'{cell}"]


def test_no_heading_that_a_file_brought_along_acts_as_a_formula() -> None:
    (heading,) = sheets.lines(["phone", "=1+1"], [])
    assert heading == "phone,'=1+1\r\n"


# Days, kinds and people


def test_the_ledger_is_narrowed_by_day(home: Campaign) -> None:
    old, new = factories.contact(), factories.contact()
    opt_out(old, hours_ago=50)
    opt_out(new, hours_ago=2)
    a_day_ago = utc_now() - timedelta(hours=24)
    assert found(home, span=ledger.Span(start=a_day_ago)) == [(new.id, Texting.P2P)]
    assert found(home, span=ledger.Span(end=a_day_ago)) == [(old.id, Texting.P2P)]
    assert found(home, span=ledger.Span(a_day_ago, a_day_ago)) == []


def test_who_is_opted_out_of_one_kind_only_is_found(home: Campaign) -> None:
    one, both, other = (factories.contact() for _ in range(3))
    opt_out(one, Texting.P2P)
    opt_out(other, Texting.BROADCAST)
    for kind in Texting:
        opt_out(both, kind)
    assert set(found(home, only_one_kind=True)) == {
        (one.id, Texting.P2P),
        (other.id, Texting.BROADCAST),
    }
    assert found(home, only_one_kind=True, texting=Texting.P2P) == [(one.id, Texting.P2P)]
    assert [channel_gap.count(home.id, kind) for kind in Texting] == [1, 1]


def test_too_many_opt_outs_are_not_counted_for_a_page(
    home: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_gap, "MOST_COUNTED", 1)
    for _ in range(2):
        opt_out(factories.contact())
    assert channel_gap.count(home.id, Texting.P2P) is None
    assert channel_gap.count(home.id, Texting.BROADCAST) == 0


def test_the_history_is_narrowed_by_source_day_and_person(home: Campaign) -> None:
    stopped = factories.contact(phone="+13125550142")
    imported = factories.contact(phone="+17735550101")
    opt_out(stopped, source=OptOutSource.STOP_WORD, hours_ago=50)
    opt_out(imported, source=OptOutSource.IMPORT, hours_ago=2)
    with transaction():
        optouts.lift(
            imported,
            Texting.P2P,
            reason="They called and want texts",
            agreed="called",
            by=factories.admin(),
            now=utc_now(),
        )

    def people(**wanted: object) -> list[tuple[int | None, str]]:
        changes, _ = history(home.id, **wanted)
        return [(one.entry.contact_id, one.entry.event.value) for one in changes]

    assert people(source=OptOutSource.STOP_WORD) == [(stopped.id, "opted_out")]
    assert people(source=OptOutSource.CARRIER) == []
    a_day_ago = utc_now() - timedelta(hours=24)
    assert people(span=ledger.Span(end=a_day_ago)) == [(stopped.id, "opted_out")]
    assert len(people(span=ledger.Span(start=a_day_ago))) == 2
    for written in ("(773) 555-0101", "7735550101", "555-0101"):
        assert people(search=written) == [
            (imported.id, "opt_out_lifted"),
            (imported.id, "opted_out"),
        ]
    assert people(search="nobody") == []
