"""`optouts` as a shell runs it."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests import factories
from tests.services.importing import write
from tests.shell import Shell
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Actor,
    Contact,
    ContactImport,
    ContactTag,
    Event,
    ImportState,
    OptOutSource,
    Texting,
    TrailEntry,
)
from webapp.services import optouts

PHONE = "+13125550142"


@pytest.fixture
def slug() -> str:
    return factories.campaign(slug="rivera").slug


def add(heed: Shell, *words: str) -> dict[str, object]:
    answer = heed.json("optouts", "add", "rivera", *words, "--source", "Called the office")
    assert isinstance(answer, dict)
    return answer


def test_a_request_is_recorded_once(heed: Shell, slug: str) -> None:
    expected = {"changed": True, "phone": PHONE, "kind": "p2p"}
    assert add(heed, "(312) 555-0142", "--kind", "p2p") == expected
    assert add(heed, PHONE, "--kind", "p2p") == expected | {"changed": False}
    assert add(heed, PHONE, "--kind", "broadcast")["changed"] is True
    person = db.session.scalars(select(Contact)).one()
    assert not any(one.may_be_texted for one in optouts.standing(person).values())
    first = select(TrailEntry).where(TrailEntry.event == Event.OPTED_OUT).limit(1)
    assert db.session.scalars(first).one().actor is Actor.HOST


def test_in_words_it_says_what_it_did(heed: Shell, slug: str) -> None:
    words = ["optouts", "add", slug, PHONE, "--kind", "p2p", "--source", "Letter"]
    assert heed.run(*words).stdout == f"{PHONE} now has Opt Out (P2P).\n"
    assert heed.run(*words).stdout == f"{PHONE} had Opt Out (P2P) already.\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add", "rivera", "555", "--kind", "p2p", "--source", "Letter"], 1),
        (["add", "rivera", PHONE, "--kind", "p2p", "--source", " "], 1),
        (["add", "nowhere", PHONE, "--kind", "p2p", "--source", "Letter"], 1),
        (["add", "rivera", PHONE, "--kind", "both", "--source", "Letter"], 2),
        (["add", "rivera", PHONE, "--kind", "p2p"], 2),
        (["add", "rivera"], 2),
        (["list", "nowhere"], 1),
        (["export", "nowhere"], 1),
        (["wipe", "rivera"], 2),
    ],
)
def test_what_cannot_be_done_ends_with_a_sentence_and_a_code(
    heed: Shell, slug: str, words: list[str], code: int
) -> None:
    done = heed.run("optouts", *words)
    assert (done.returncode, done.stdout) == (code, "") and done.stderr
    assert code == 2 or done.stderr.count("\n") == 1
    assert db.session.scalar(select(Contact)) is None


def test_the_list_is_one_object_a_line(heed: Shell, slug: str) -> None:
    add(heed, PHONE, "--kind", "p2p")
    add(heed, PHONE, "--kind", "broadcast")
    lines = heed.run("optouts", "list", slug, "--json").stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["phone"], row["kind"], row["source"], row["text"]) for row in rows] == [
        (PHONE, "p2p", "admin", "Called the office"),
        (PHONE, "broadcast", "admin", "Called the office"),
    ]
    assert [*rows[0]] == ["phone", "kind", "since", "source", "by", "text"]
    assert PHONE in heed.run("optouts", "list", slug).stdout


def test_the_file_has_one_row_per_current_opt_out(heed: Shell, slug: str) -> None:
    person = factories.contact(phone=PHONE)
    with transaction():
        optouts.record(person, Texting.P2P, source=OptOutSource.IMPORT, note="=1+1", now=utc_now())
    done = heed.run("optouts", "export", slug)
    (row,) = csv.DictReader(done.stdout.splitlines())
    assert (row["phone"], row["kind"], row["text"]) == (PHONE, "p2p", "'=1+1")
    assert done.stdout.startswith("phone,kind,since,source,by,text\r\n")
    last = db.session.scalars(select(TrailEntry).order_by(TrailEntry.id.desc())).first()
    assert last is not None and (last.event, last.actor) == (Event.EXPORTED, Actor.HOST)


def lift(email: str, *more: str, reason: str = "Dana asked for texts again") -> list[str]:
    words = ["optouts", "lift", "rivera", PHONE, "--kind", "p2p", "--reason", reason]
    return [*words, "--by", email, *more]


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_those_who_run_the_campaign_lift_with_a_reason(heed: Shell, slug: str, role: str) -> None:
    email = getattr(factories, role)().email
    add(heed, PHONE, "--kind", "p2p")
    add(heed, PHONE, "--kind", "broadcast")

    assert heed.json(*lift(email)) == {"changed": True, "phone": PHONE, "kind": "p2p"}
    assert heed.json(*lift(email))["changed"] is False

    standing = optouts.standing(db.session.scalars(select(Contact)).one())
    assert standing[Texting.P2P].may_be_texted and not standing[Texting.BROADCAST].may_be_texted
    lifted = select(TrailEntry).where(TrailEntry.event == Event.OPT_OUT_LIFTED)
    assert db.session.scalars(lifted).one().details["reason"] == "Dana asked for texts again"


def test_nobody_else_lifts(heed: Shell, slug: str) -> None:
    add(heed, PHONE, "--kind", "p2p")
    people = [factories.texter(), factories.admin(factories.campaign())]
    for words in (*(lift(one.email) for one in people), lift("nobody@example.org")):
        done = heed.run(*words)
        assert (done.returncode, done.stdout) == (1, "") and done.stderr.count("\n") == 1
    short = heed.run(*lift(factories.admin().email, reason="Because"))
    assert short.returncode == 1 and "at least 10 characters" in short.stderr
    person = db.session.scalars(select(Contact)).one()
    assert not optouts.standing(person)[Texting.P2P].may_be_texted


def test_lifting_for_a_number_nobody_knows_is_refused(heed: Shell, slug: str) -> None:
    done = heed.run(*lift(factories.admin().email))
    assert done.returncode == 1 and PHONE in done.stderr


STOPS = "Number,Channel\n(312) 555-0142,both\n773-555-0101,\n7735550101,p2p\n555,p2p\n"


def bring_in(heed: Shell, file: Path, *words: str) -> dict[str, Any]:
    told = heed.json(
        "optouts", "import", "rivera", str(file), "--kind", "broadcast", "--source", "Old", *words
    )
    assert isinstance(told, dict)
    return told


def test_a_file_of_opt_outs_is_brought_in_once(heed: Shell, slug: str, tmp_path: Path) -> None:
    file, rejects = write(tmp_path, STOPS), tmp_path / "rejects.csv"
    factories.contact(phone=PHONE)

    told = bring_in(heed, file, "--rejects", str(rejects))

    assert told == {
        "rows": 4,
        "imported": 2,
        "new": 2,
        "already_opted_out": 0,
        "not_in_contacts": 1,
        "duplicates": 1,
        "rejected": 1,
        "kinds_read": [
            {"said": "", "kinds": ["broadcast"], "rows": 1},
            {"said": "both", "kinds": ["p2p", "broadcast"], "rows": 1},
            {"said": "p2p", "kinds": ["p2p"], "rows": 1},
        ],
        "opted_out": {"p2p": 2, "broadcast": 2},
        "changed": True,
        "dry_run": False,
        "errors": [{"row": 5, "column": "Number", "reason": told["errors"][0]["reason"]}],
    }
    assert "Reason" in rejects.read_text()
    again = bring_in(heed, file)
    assert (again["new"], again["already_opted_out"], again["changed"]) == (0, 2, False)
    assert again["not_in_contacts"] == 0
    assert len(db.session.scalars(select(Contact)).all()) == 2


def test_a_dry_run_records_nothing(heed: Shell, slug: str, tmp_path: Path) -> None:
    told = bring_in(heed, write(tmp_path, STOPS), "--dry-run")
    assert (told["new"], told["not_in_contacts"], told["dry_run"]) == (2, 2, True)
    assert db.session.scalars(select(Contact)).all() == []


def test_columns_of_opt_outs_can_be_named(heed: Shell, slug: str, tmp_path: Path) -> None:
    file = write(tmp_path, f"a,b,c\n{PHONE},+17735550101,p2p\n")
    bring_in(heed, file, "--map", "phone=b", "--map", "kind=c")
    person = db.session.scalars(select(Contact)).one()
    assert person.phone == "+17735550101"
    assert not optouts.standing(person)[Texting.P2P].may_be_texted


def test_what_is_in_words(heed: Shell, slug: str, tmp_path: Path) -> None:
    file = write(tmp_path, STOPS)
    words = ["optouts", "import", slug, str(file), "--kind", "both", "--source", "Old list"]
    said = heed.run(*words).stdout
    assert "2 numbers opted out (2 of P2P, 2 of Broadcast); 0 had been before." in said
    assert "2 of them were not in contacts and are kept." in said and "Row 5" in said


def test_how_the_kinds_were_read_is_said(heed: Shell, slug: str, tmp_path: Path) -> None:
    file = write(tmp_path, f"phone,kind\n{PHONE},SMS\n+17735550101,fax\n")
    words = ["optouts", "import", slug, str(file), "--kind", "p2p", "--source", "Old list"]
    said = heed.run(*words).stdout
    assert "“SMS” was read as p2p and broadcast (1 rows)." in said
    assert "“fax” was read as nothing: these rows opt nobody out (1 rows)." in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--kind", "p2p"], 2),
        (["--kind", "fax", "--source", "Old"], 2),
        (["--kind", "p2p", "--source", " "], 1),
        (["--kind", "p2p", "--source", "Old", "--map", "name=Number"], 1),
        (["--kind", "p2p", "--source", "Old", "--map", "phone=Nowhere"], 1),
    ],
)
def test_a_file_that_cannot_be_brought_in_is_one_sentence(
    heed: Shell, slug: str, tmp_path: Path, words: list[str], code: int
) -> None:
    done = heed.run("optouts", "import", slug, str(write(tmp_path, STOPS)), *words)
    assert (done.returncode, done.stdout) == (code, "") and done.stderr
    assert db.session.scalars(select(Contact)).all() == []


def test_a_run_that_was_killed_is_taken_over_by_the_next(
    heed: Shell, slug: str, tmp_path: Path
) -> None:
    file = write(tmp_path, STOPS)
    bring_in(heed, file)
    with transaction():
        row = db.session.scalars(select(ContactImport)).one()
        row.state, row.cursor = ImportState.IMPORTING, "+"
    bring_in(heed, file)
    states = db.session.scalars(select(ContactImport.state).order_by(ContactImport.id)).all()
    assert states == [ImportState.FAILED, ImportState.DONE]


def test_half_a_character_from_the_shell_is_left_out_of_sources_and_reasons(
    heed: Shell, slug: str
) -> None:
    factories.owner(email="owner@example.org")
    words = ["rivera", PHONE, "--kind", "p2p"]
    heed.json("optouts", "add", *words, "--source", "Called\udcff us\x1b")
    person = db.session.scalars(select(Contact)).one()
    assert db.session.scalars(select(ContactTag.note)).one() == "Called us"
    heed.json(
        "optouts", "lift", *words, "--reason", "She\udcff asked us", "--by", "owner@example.org"
    )
    assert all(one.may_be_texted for one in optouts.standing(person).values())


def test_half_a_character_is_left_out_of_how_people_subscribed(
    heed: Shell, slug: str, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text(f"phone\n{PHONE}\n")
    words = ["contacts", "import", "rivera", str(tmp_path / "people.csv"), "--list", "Ward\udcff"]
    heed.json(*words, "--subscribed", "The form\udcff of May")
    assert db.session.scalars(select(Contact.subscribed)).one() == "The form of May"


def test_a_column_that_seems_to_say_who_is_opted_out_is_pointed_out(
    heed: Shell, slug: str, tmp_path: Path
) -> None:
    file = tmp_path / "old.csv"
    file.write_text(f"Phone,Opted Out\n{PHONE},false\n")
    words = ["optouts", "import", slug, str(file), "--kind", "p2p", "--source", "Old system"]
    done = heed.run(*words, "--dry-run", "--json")
    assert "the column “Opted Out” is not read" in done.stderr and done.stderr.count("\n") == 1
    assert json.loads(done.stdout)["new"] == 1
    file.write_text(f"Phone,Name\n{PHONE},Ana\n")
    assert heed.run(*words).stderr == ""
