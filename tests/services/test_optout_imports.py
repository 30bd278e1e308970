"""Opt-outs from another system: a file that only ever adds, also for phones nobody knows."""

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.services.importing import bring_in, contacts, folder, run, write
from tests.services.importing import check as check_contacts
from tests.services.scenes import NOW
from tests.services.talks import HINT, Talk
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    ActionTally,
    Contact,
    ContactImport,
    ContactTag,
    Event,
    ImportState,
    OptOutSource,
    Tag,
    Texting,
    TrailEntry,
)
from webapp.services import (
    erasure,
    import_preview,
    import_running,
    imports,
    optout_columns,
    optout_imports,
    optout_merging,
    optouts,
    possible,
)

DANA, ANA, BO = "+13125550142", "+17735550101", "+18725550102"
P2P, BROADCAST = Texting.P2P, Texting.BROADCAST
NOTE = "Export of our old system"


def check(tmp_path: Path, content: str | bytes, *kinds: Texting, **chosen: str) -> ContactImport:
    """Look at a file and check its rows; nothing is recorded yet."""
    file, place = write(tmp_path, content), folder(tmp_path)
    table = imports.open_table(file)
    home_id = factories.the_campaign().id
    with transaction():
        row = optout_imports.begin(
            db.session.get_one(type(factories.the_campaign()), home_id),
            kinds or (P2P,),
            NOTE,
            table,
            file_name=file.name,
            folder=place,
            by=None,
            now=utc_now(),
        )
        matched = optout_columns.merged(dict(row.mapping), chosen, table.shape.headings)
        optout_imports.match(row, matched, place)
        import_id = row.id
    run(import_id, place)
    return again(import_id)


def again(import_id: int) -> ContactImport:
    return db.session.get_one(ContactImport, import_id, populate_existing=True)


def start(row: ContactImport, tmp_path: Path) -> None:
    import_id = row.id
    with transaction():
        optout_imports.start(again(import_id), folder=folder(tmp_path), by=None)


def opt_out(tmp_path: Path, content: str | bytes, *kinds: Texting, **chosen: str) -> ContactImport:
    """The whole way of a file."""
    row = check(tmp_path, content, *kinds, **chosen)
    import_id = row.id
    start(row, tmp_path)
    run(import_id, folder(tmp_path))
    return again(import_id)


def out_of() -> dict[str, set[Texting | None]]:
    """Who is opted out of what."""
    rows = db.session.execute(
        select(Contact.phone, Tag.opts_out_of)
        .join(ContactTag, ContactTag.contact_id == Contact.id)
        .join(Tag, Tag.id == ContactTag.tag_id)
    )
    found: dict[str, set[Texting | None]] = {}
    for phone, kind in rows:
        found.setdefault(phone, set()).add(kind)
    return found


def notes() -> dict[str, str]:
    rows = db.session.execute(select(Contact.phone, ContactTag.note).join(ContactTag))
    return dict(iter(rows))  # type: ignore[arg-type]


def counted(row: ContactImport, *names: str) -> tuple[Any, ...]:
    return tuple(row.counts.get(name, 0) for name in names)


def test_phones_of_a_file_are_opted_out(tmp_path: Path) -> None:
    dana = factories.contact(phone=DANA, first_name="Dana")
    row = opt_out(tmp_path, f"phone\n{DANA}\n(773) 555-0101\n")

    assert row.state is ImportState.DONE and row.list_id is None
    assert out_of() == {DANA: {P2P}, ANA: {P2P}}
    assert counted(row, "staged", "known", "made", "added_p2p", "already") == (2, 1, 1, 2, 0)
    tags = db.session.scalars(select(ContactTag)).all()
    assert {(tag.source, tag.note) for tag in tags} == {(OptOutSource.IMPORT, NOTE)}
    assert contacts()[DANA].id == dana.id and contacts()[DANA].name.startswith("Dana")
    assert contacts()[ANA].name == "" and contacts()[ANA].zones == "America/Chicago"


def test_a_phone_that_nobody_knew_stays_suppressed_when_it_is_imported_later(
    tmp_path: Path,
) -> None:
    opt_out(tmp_path, f"phone\n{ANA}\n", P2P, BROADCAST)
    row = bring_in(tmp_path, f"first_name,phone\nAna,{ANA}\n")
    assert counted(row, "new", "opted_out", "updated") == (0, 1, 1)
    assert contacts()[ANA].first_name == "Ana"
    assert out_of() == {ANA: {P2P, BROADCAST}}


def test_rows_may_name_their_kind_and_their_source(tmp_path: Path) -> None:
    row = opt_out(
        tmp_path,
        "Number,Channel,Reason\n"
        f"{DANA},Peer-to-peer,Replied no thanks\n"
        f"{ANA},BROADCAST,\n"
        f"{BO},,Called us\n",
        BROADCAST,
    )
    assert out_of() == {DANA: {P2P}, ANA: {BROADCAST}, BO: {BROADCAST}}
    assert notes() == {
        DANA: f"{NOTE} – Replied no thanks",
        ANA: NOTE,
        BO: f"{NOTE} – Called us",
    }
    assert counted(row, "added_p2p", "added_broadcast") == (1, 2)


@pytest.mark.parametrize(
    ("cell", "kinds"),
    [
        ("p2p", {P2P}),
        ("P2P texting", {P2P}),
        ("Opt Out (P2P)", {P2P}),
        ("automated", {BROADCAST}),
        ("bulk", {BROADCAST}),
        ("Both", {P2P, BROADCAST}),
        ("p2p; broadcast", {P2P, BROADCAST}),
        ("all", {P2P, BROADCAST}),
        ("sms", {P2P, BROADCAST}),
        ("SMS / MMS", {P2P, BROADCAST}),
        ("text", {P2P, BROADCAST}),
        ("Text messages", {P2P, BROADCAST}),
        ("All texts", {P2P, BROADCAST}),
        ("alltexts", {P2P, BROADCAST}),
        ("everything", {P2P, BROADCAST}),
        ("every", {P2P, BROADCAST}),
        ("marketing", {P2P, BROADCAST}),
        ("Ｐ２Ｐ", {P2P}),
        ("texto", {P2P, BROADCAST}),
        ("Stopped", {P2P, BROADCAST}),
        ("Not subscribed", {P2P, BROADCAST}),
        ("no longer subscribed", {P2P, BROADCAST}),
        ("all texts except P2P", {P2P, BROADCAST}),
        ("everything but broadcast", {P2P, BROADCAST}),
        ("SMS-Marketing", {P2P, BROADCAST}),
        ("email and SMS", {P2P, BROADCAST}),
        ("Do not text", {P2P, BROADCAST}),
        ("Opt out", {P2P, BROADCAST}),
        ("STOP", {P2P, BROADCAST}),
        ("SMS broadcast", {BROADCAST}),
        ("all P2P", {P2P}),
        ("mensajes de texto", {P2P, BROADCAST}),
        ("  ", {P2P}),
    ],
)
def test_the_kinds_that_a_cell_names(tmp_path: Path, cell: str, kinds: set[Texting]) -> None:
    opt_out(tmp_path, f'phone,kind\n{DANA},"{cell}"\n')
    assert out_of() == {DANA: kinds}


@pytest.mark.parametrize(
    "cell",
    [
        "fax",
        "email",
        "voice",
        "Calls",
        "Opt in",
        "SMS opt-in",
        "subscribed",
        "Canvass",
        "none",
        "ballot",
    ],
)
def test_a_word_that_asks_for_no_texts_less_is_left_out_and_listed(
    tmp_path: Path, cell: str
) -> None:
    row = opt_out(tmp_path, f'phone,kind\n{DANA},"{cell}"\n{ANA},sms\n')
    assert out_of() == {ANA: {P2P, BROADCAST}}
    (left,) = import_preview.rejects(row)
    assert (left.row, left.column) == (2, "kind") and f"“{cell}”" in left.reason


def test_how_each_word_was_read_is_kept_with_the_file(tmp_path: Path) -> None:
    content = f"phone,kind\n{DANA},SMS\n{ANA},fax\n{BO},\n{DANA},SMS\n{DANA},p2p\n"
    read = [["fax", "", 1], ["SMS", "p2p,broadcast", 2], ["", "broadcast", 1], ["p2p", "p2p", 1]]
    row = check(tmp_path, content, BROADCAST)
    assert row.counts["words"] == read
    start(row, tmp_path)
    run(row.id, folder(tmp_path))
    assert again(row.id).counts["words"] == read


def test_the_same_phone_twice_with_another_kind_is_opted_out_of_both(tmp_path: Path) -> None:
    row = opt_out(tmp_path, f"phone,kind\n{DANA},p2p\n{DANA},broadcast\n{DANA},p2p\n")
    assert out_of() == {DANA: {P2P, BROADCAST}}
    assert counted(row, "staged", "duplicates") == (1, 2)


def test_rows_that_cannot_be_used_are_told_and_the_others_count(tmp_path: Path) -> None:
    row = check(tmp_path, f"phone,kind\n{DANA},fax\n555,p2p\n{ANA},p2p\n,,\n")
    problems = list(import_preview.rejected(row, folder(tmp_path)))
    assert [(one.row, one.column) for one in problems] == [(2, "kind"), (3, "phone")]
    assert "“fax” is no kind of texting" in problems[0].reason
    start(row, tmp_path)
    run(row.id, folder(tmp_path))
    assert out_of() == {ANA: {P2P}}
    assert [one.row for one in import_preview.rejects(row)] == [2, 3]


def test_the_preview_tells_what_is_new(tmp_path: Path) -> None:
    factories.contact(phone=DANA, opted_out_of=P2P)
    factories.contact(phone=ANA)
    row = check(tmp_path, f"phone\n{DANA}\n{ANA}\n{BO}\n12\n", P2P)
    with transaction():
        again(row.id).state = ImportState.CHECKING
    import_running.Run(
        row.id, transaction, utc_now, folder(tmp_path), False, lambda *_: None
    ).check()
    row = again(row.id)
    assert counted(row, "staged", "known", "already", "added_p2p", "rejected") == (3, 2, 1, 2, 1)
    assert out_of() == {DANA: {P2P}}


def test_who_lacks_one_of_two_kinds_is_new(tmp_path: Path) -> None:
    factories.contact(phone=DANA, opted_out_of=P2P)
    row = opt_out(tmp_path, f"phone\n{DANA}\n", P2P, BROADCAST)
    assert counted(row, "already", "added_p2p", "added_broadcast") == (0, 0, 1)


def test_the_same_file_twice_adds_nothing(tmp_path: Path) -> None:
    content = f"phone,kind\n{DANA},both\n{ANA},p2p\n"
    opt_out(tmp_path, content)
    before = db.session.scalar(select(func.max(TrailEntry.id)))
    row = opt_out(tmp_path, content)
    assert counted(row, "already", "added_p2p", "added_broadcast", "made") == (2, 0, 0, 0)
    fresh = db.session.scalars(select(TrailEntry.event).where(TrailEntry.id > before)).all()
    assert list(fresh) == [Event.OPT_OUTS_IMPORTED]


def test_the_trail_names_the_import(tmp_path: Path) -> None:
    row = opt_out(tmp_path, f"phone\n{DANA}\n")
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.OPTED_OUT)).one()
    assert (entry.about, entry.about_id) == ("contact_import", row.id)
    assert (entry.before, entry.after, entry.details) == (False, True, {"source": "import"})


def test_what_is_queued_stops_and_what_waits_is_settled(tmp_path: Path) -> None:
    talk = Talk()
    talk.hears(HINT)
    with transaction():
        talk.conversation.hint_message_id = None
    talk.says("Will you vote?")
    ready = factories.contact(phone=DANA)
    action = factories.action(ready)

    opt_out(tmp_path, f"phone\n{DANA}\n{talk.contact.phone}\n")

    assert talk.conversation.closed is not None
    assert possible.page(factories.the_campaign().id).lines == []
    tally = db.session.get_one(ActionTally, action.id, populate_existing=True)
    assert (tally.ready, tally.opted_out, tally.skipped) == (0, 1, 1)


def test_a_campaign_that_stops_both_stops_both(tmp_path: Path) -> None:
    with transaction():
        factories.the_campaign().one_opt_out_stops_both = True
    row = opt_out(tmp_path, f"phone,kind\n{DANA},p2p\n{ANA},broadcast\n")
    assert out_of() == {DANA: {P2P, BROADCAST}, ANA: {P2P, BROADCAST}}
    assert counted(row, "added_p2p", "added_broadcast") == (2, 2)


def test_nothing_is_ever_lifted(tmp_path: Path) -> None:
    factories.contact(phone=DANA, opted_out_of=BROADCAST)
    opt_out(tmp_path, f"phone,Opt Out (Broadcast)\n{DANA},false\n")
    assert out_of() == {DANA: {P2P, BROADCAST}}


def test_a_column_that_says_yes_or_no_is_pointed_out() -> None:
    headings = ["Phone", "Opt Out (P2P)", "Kind"]
    mapping = optout_columns.guess(headings, [[DANA, "true", ""]])
    assert mapping == {"phone": "Phone", "kind": "Kind"}
    assert optout_columns.yes_or_no(headings, mapping) == ["Opt Out (P2P)"]


def test_our_own_export_can_be_brought_in(tmp_path: Path) -> None:
    content = "phone,kind,since,source,by,text\n"
    content += f"{DANA},broadcast,2026-05-05T10:00:00Z,stop_word,The contact,STOP\n"
    row = opt_out(tmp_path, content)
    assert out_of() == {DANA: {BROADCAST}} and row.mapping["kind"] == "kind"


@pytest.mark.parametrize(
    ("kinds", "note", "said"),
    [((), NOTE, "Choose what"), ((P2P,), " ", "Say where"), ((P2P,), "x" * 301, "300 characters")],
)
def test_kinds_and_a_source_are_needed(
    tmp_path: Path, kinds: tuple[Texting, ...], note: str, said: str
) -> None:
    table = imports.open_table(write(tmp_path, f"phone\n{DANA}\n"))
    with transaction(), pytest.raises(InvalidError, match=said):
        optout_imports.begin(
            factories.the_campaign(),
            kinds,
            note,
            table,
            file_name="a.csv",
            folder=folder(tmp_path),
            by=None,
            now=NOW,
        )


def test_columns_can_be_corrected_and_wrong_ones_are_refused(tmp_path: Path) -> None:
    content = f"A,B,C\n{DANA},{ANA},p2p\n"
    row = check(tmp_path, content, BROADCAST, phone="B", kind="C")
    assert row.mapping == {"phone": "B", "kind": "C"}
    for chosen, said in (({"phone": "Z"}, "no column"), ({"name": "A"}, "no field")):
        with pytest.raises(InvalidError, match=said):
            check(tmp_path, content, **chosen)
    with pytest.raises(InvalidError, match="No column"):
        check(tmp_path, content, phone="")


def test_an_import_is_started_once(tmp_path: Path) -> None:
    row = check(tmp_path, f"phone\n{DANA}\n")
    start(row, tmp_path)
    with pytest.raises(ConflictError):
        start(row, tmp_path)


def test_a_killed_import_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optout_merging, "AT_ONCE", 2)
    phones = [factories.phone_of(n) for n in range(7)]
    row = check(tmp_path, "phone\n" + "\n".join(phones) + "\n")
    start(row, tmp_path)
    calls = []

    def dies(*args: object, **values: Any) -> int:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(1)
        return record_many(*args, **values)  # type: ignore[arg-type]

    record_many = optouts.record_many
    monkeypatch.setattr(optouts, "record_many", dies)
    with pytest.raises(KeyboardInterrupt):
        run(row.id, folder(tmp_path))
    assert len(out_of()) == 4
    monkeypatch.setattr(optouts, "record_many", record_many)
    run(row.id, folder(tmp_path))
    row = again(row.id)
    assert row.state is ImportState.DONE and counted(row, "added_p2p", "made") == (7, 7)
    assert len(out_of()) == 7
    assert db.session.scalar(select(func.count()).where(TrailEntry.event == Event.OPTED_OUT)) == 7


def test_contacts_and_opt_outs_are_imported_side_by_side(tmp_path: Path) -> None:
    people = check_contacts(write(tmp_path, f"first_name,phone\nDana,{DANA}\n", "people.csv"))
    opt_out(tmp_path, f"phone\n{DANA}\n")
    assert again(people.id).state is ImportState.CHECKED


def test_a_tab_separated_file_of_windows_is_read(tmp_path: Path) -> None:
    content = f"Phone\tKind\tHow\r\n{DANA}\tboth\tCaf\xe9\r\n".encode("cp1252")
    opt_out(tmp_path, content)
    assert notes()[DANA] == f"{NOTE} – Café"


def test_the_columns_of_a_file_are_guessed() -> None:
    sample = [list(row) for row in csv.reader([f"{DANA},x,y"])]
    assert optout_columns.guess(["a", "b", "c"], sample) == {"phone": "a"}


def test_somebody_who_was_erased_is_opted_out_and_stays_erased(tmp_path: Path) -> None:
    dana, ana = factories.contact(phone=DANA), factories.contact(phone=ANA)
    with transaction():
        for one in (dana, ana):
            erasure.erase(db.session.get_one(Contact, one.id), by=None, now=utc_now())

    row = opt_out(tmp_path, f"phone,kind\n{DANA},p2p\n{ANA},broadcast\n{BO},p2p\n")

    assert set(contacts()) & {DANA, ANA, BO} == {BO}
    kinds = {
        one.id: {kind for kind in Texting if not optouts.standing(one)[kind].may_be_texted}
        for one in contacts().values()
    }
    assert (kinds[dana.id], kinds[ana.id]) == ({P2P}, {BROADCAST})
    assert counted(row, "made") == (1,)
