"""The commands for contacts, as a shell runs them; killed in the middle, too."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.services.importing import check, contacts, start, write
from tests.shell import Shell
from webapp.config import ROOT, Settings
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Contact,
    ContactImport,
    ContactList,
    ImportState,
    ListMember,
    OptOutSource,
    Texting,
)
from webapp.services import import_files, optouts

DANA = "+13125550142"
CONTENT = """First,Last,Cell,Ward
Dana,Whitfield,(312) 555-0142,25
Ana,Ruiz,773.555.0101,26
Ana,Again,7735550101,26
Cy,Young,(312) 555-01,27
"""


@pytest.fixture
def slug() -> str:
    """The campaign that contacts are brought into."""
    return factories.campaign(slug="rivera").slug


def test_an_import_tells_what_became_of_every_row(heed: Shell, slug: str, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    command = ["contacts", "import", slug, str(write(tmp_path, CONTENT)), "--list", "Ward 25"]

    told = heed.json(*command, "--rejects", str(rejects))

    assert told == {
        "rows": 4,
        "imported": 2,
        "new": 2,
        "updated": 0,
        "duplicates": 1,
        "rejected": 1,
        "already_opted_out": 0,
        "opted_out": {"p2p": 0, "broadcast": 0},
        "list": "Ward 25",
        "changed": True,
        "dry_run": False,
        "errors": [{"row": 5, "column": "Cell", "reason": "“(312) 555-01” is too short"}],
    }
    assert [*csv.reader(rejects.read_text(encoding="utf-8").splitlines())] == [
        ["First", "Last", "Cell", "Ward", "Reason"],
        ["Cy", "Young", "(312) 555-01", "27", "“(312) 555-01” is too short"],
    ]

    again = heed.json(*command)
    assert (again["imported"], again["new"], again["changed"]) == (2, 0, False)
    assert not [*tmp_path.glob("**/*.scratch")]


def test_people_who_are_here_and_come_onto_another_list_are_a_change(
    heed: Shell, slug: str, tmp_path: Path
) -> None:
    command = ["contacts", "import", slug, str(write(tmp_path, CONTENT)), "--list"]
    heed.json(*command, "Ward 25")

    other = heed.json(*command, "Everybody")
    again = heed.json(*command, "Everybody")

    assert (other["new"], other["changed"], again["changed"]) == (0, True, False)


def test_a_dry_run_tells_the_same_and_stores_nothing(
    heed: Shell, slug: str, tmp_path: Path
) -> None:
    with transaction():
        factories.contact(phone=DANA, opted_out_of=Texting.P2P)
    command = ["contacts", "import", slug, str(write(tmp_path, CONTENT)), "--list", "Ward 25"]

    told = heed.json(*command, "--dry-run")

    assert (told["new"], told["rejected"], told["already_opted_out"]) == (1, 1, 1)
    assert [*contacts()] == [DANA]
    assert db.session.scalars(select(ContactList)).all() == []
    assert heed.json(*command)["new"] == 1


def test_a_dry_run_tells_whom_the_file_would_opt_out(
    heed: Shell, slug: str, tmp_path: Path
) -> None:
    with transaction():
        factories.contact(phone=DANA, opted_out_of=Texting.P2P)
    content = (
        f"First,Phone,Opt Out (P2P),Opt Out (Broadcast)\nDana,{DANA},true,true\n"
        "Lou,312 555 0161,true,\nMia,312 555 0162,false,no\nLou,3125550161,,true\n"
    )
    command = ["contacts", "import", slug, str(write(tmp_path, content)), "--list", "Ward 25"]

    told = heed.json(*command, "--dry-run")["opted_out"]

    assert told == {"p2p": 1, "broadcast": 2}
    assert heed.json(*command)["opted_out"] == told
    assert heed.json(*command, "--dry-run")["opted_out"] == {"p2p": 0, "broadcast": 0}


def test_a_dry_run_follows_one_opt_out_that_stops_both(
    heed: Shell, slug: str, tmp_path: Path
) -> None:
    heed.json("campaign", "set", slug, "--one-opt-out-stops-both", "on")
    file = write(tmp_path, "First,Phone,Opt Out (P2P)\nLou,312 555 0161,true\n")
    command = ["contacts", "import", slug, str(file), "--list", "Ward 25"]

    assert heed.json(*command, "--dry-run")["opted_out"] == {"p2p": 1, "broadcast": 1}
    heed.json(*command)
    told = heed.json("contacts", "show", slug, "312 555 0161")["tags"]
    assert told == ["Opt Out (P2P)", "Opt Out (Broadcast)"]


def test_columns_can_be_named(heed: Shell, slug: str, tmp_path: Path) -> None:
    file = write(tmp_path, "a,b,c,d\nDana,3125550142,7735550199,yes\n")

    heed.json(
        *["contacts", "import", slug, str(file), "--list", "L", "--map", "phone=B"],
        *["--map", "first_name=a", "--map", "ward=c", "--map", "opt_out_p2p=d"],
    )

    dana = contacts()[DANA]
    assert (dana.first_name, dana.fields) == ("Dana", {"ward": "7735550199"})
    assert not optouts.standing(dana)[Texting.P2P].may_be_texted


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--list", "L", "--map", "phone=Nowhere"], 1),
        (["--list", "L", "--map", "phone"], 2),
        (["--list", ""], 1),
        ([], 2),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    heed: Shell, slug: str, tmp_path: Path, words: list[str], code: int
) -> None:
    done = heed.run("contacts", "import", slug, str(write(tmp_path, CONTENT)), *words)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr
    assert contacts() == {}


def test_an_excel_file_and_an_unknown_campaign_are_refused(
    heed: Shell, slug: str, tmp_path: Path
) -> None:
    excel = write(tmp_path, b"PK\x03\x04...", "voters.xlsx")
    done = heed.run("contacts", "import", slug, str(excel), "--list", "L")
    assert done.returncode == 1 and "save it as CSV" in done.stderr
    done = heed.run("contacts", "import", "nobody", str(excel), "--list", "L")
    assert (done.returncode, done.stderr) == (1, "There is no campaign “nobody”.\n")


def test_an_update_changes_names_and_nothing_else(heed: Shell, slug: str, tmp_path: Path) -> None:
    with transaction():
        person = factories.contact(phone=DANA, first_name="D", opted_out_of=Texting.BROADCAST)
    command = ["contacts", "import", slug, str(write(tmp_path, CONTENT)), "--list", "L"]

    assert heed.json(*command)["updated"] == 0
    told = heed.json(*command, "--update", "--subscribed", "A list somebody sold us")

    assert (told["updated"], told["already_opted_out"]) == (1, 1)
    assert contacts()[DANA].first_name == "Dana"
    assert not optouts.standing(person)[Texting.BROADCAST].may_be_texted


def test_a_contact_is_shown_with_all_that_bears_on_texting(heed: Shell, slug: str) -> None:
    admin = factories.admin(name="Maya Okafor")
    with transaction():
        dana = factories.contact(phone=DANA, last_name="Whitfield", subscribed_at=None)
        optouts.record(
            db.session.get_one(Contact, dana.id),
            Texting.P2P,
            source=OptOutSource.ADMIN,
            by=admin,
            note="She called",
            now=utc_now(),
        )

    told = heed.json("contacts", "show", slug, "312.555.0142")

    assert told["phone"] == DANA
    assert told["tags"] == ["Opt Out (P2P)"]
    assert told["can_text"] == {"p2p": False, "broadcast": False}
    assert told["why_not"] == {"p2p": "opted_out", "broadcast": "no_consent"}
    assert [(moment["what"], moment["by"]) for moment in told["timeline"]] == [
        ("Opt Out (P2P) added", "Maya Okafor")
    ]
    assert "cannot be texted" in heed.run("contacts", "show", slug, DANA).stdout


@pytest.mark.parametrize("phone", ["+13125550199", "nonsense", ""])
def test_nobody_is_shown_for_an_unknown_number(heed: Shell, slug: str, phone: str) -> None:
    done = heed.run("contacts", "show", slug, phone, "--json")

    assert (done.returncode, done.stdout) == (1, "")


@contextmanager
def command(settings: Settings, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command of Heed as a process of its own, killed at the end if it still runs."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HEED_INSTANCE": str(settings.instance),
        "HEED_DATABASE_URL": settings.database_url,
        "HEED_SECRET_KEY": settings.secret_key,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli.main", *words], env=environment, cwd=ROOT
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(holds: Any, *, seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.005)


def how_far() -> tuple[str, int]:
    """State and merged rows of the last import."""
    db.session.rollback()
    row = db.session.scalars(select(ContactImport).order_by(ContactImport.id.desc())).first()
    return (row.state.value, row.done_rows) if row else ("", 0)


@pytest.mark.parametrize("moment", ["checking", "importing"])
def test_a_killed_import_is_run_again_and_finishes(
    heed: Shell, slug: str, settings: Settings, tmp_path: Path, moment: str
) -> None:
    rows = [f"N{n},(312) {n // 8000 + 200}-{n % 8000 + 1000:04}" for n in range(120_000)]
    file = write(tmp_path, "first_name,phone\n" + "\n".join(rows) + "\n")
    words = ["contacts", "import", slug, str(file), "--list", "All of them"]

    with command(settings, *words) as process:
        wait_until(lambda: how_far()[0] == moment and (moment == "checking" or how_far()[1]))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    state, merged = how_far()
    assert state in ("checking", "importing")
    there = db.session.scalar(select(func.count()).select_from(Contact))
    assert there == (merged if state == "importing" else 0)

    told = heed.json(*words)

    assert (told["imported"], told["new"]) == (120_000, 120_000 - (there or 0))
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 120_000
    chosen = db.session.scalars(select(ContactList)).one()
    members = select(func.count()).where(ListMember.list_id == chosen.id)
    assert chosen.size == db.session.scalar(members) == 120_000
    assert chosen.is_ready
    states = db.session.scalars(select(ContactImport.state)).all()
    assert ImportState.IMPORTING not in states
    assert heed.json(*words)["changed"] is False


def test_a_second_import_into_a_list_is_refused_while_the_first_is_under_way(
    heed: Shell, slug: str, settings: Settings, tmp_path: Path
) -> None:
    place = import_files.folder_of(settings)
    first = check(write(tmp_path, CONTENT))
    start(first, place)
    command = ["contacts", "import", slug, str(write(tmp_path, CONTENT)), "--list", "Ward 25"]

    with import_files.only_one(place, first.id):
        done = heed.run(*command)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == ("Another import into “Ward 25” is under way. Wait until it is done.\n")
    assert contacts() == {}
    assert heed.json(*command)["new"] == 2


def test_a_person_is_erased_and_stays_opted_out(heed: Shell, slug: str, tmp_path: Path) -> None:
    factories.contact(phone=DANA, first_name="Dana", opted_out_of=Texting.P2P)

    assert heed.run("contacts", "erase", slug, DANA).returncode == 1  # Nobody said yes.
    done = heed.json("contacts", "erase", slug, "(312) 555-0142", "--yes")
    assert done == {"phone": DANA, "changed": True}
    assert heed.json("contacts", "erase", slug, DANA) == {"phone": DANA, "changed": False}

    told = heed.json("contacts", "show", slug, DANA)
    assert (told["phone"], told["erased"], told["first_name"]) == (DANA, True, "")
    assert (told["tags"], told["can_text"]["p2p"]) == (["Opt Out (P2P)"], False)
    assert "Erased on request" in heed.run("contacts", "show", slug, DANA).stdout
    export = heed.run("optouts", "export", slug).stdout
    assert "5550142" not in export and export.count("\n") == 2

    command = ("contacts", "import", slug, str(write(tmp_path, CONTENT)), "--list", "Ward 25")
    assert heed.json(*command)["already_opted_out"] == 1
    told = heed.json("contacts", "show", slug, DANA)
    assert (told["erased"], told["first_name"]) == (False, "Dana")
    assert (told["tags"], told["can_text"]["p2p"]) == (["Opt Out (P2P)"], False)
    assert heed.run("contacts", "erase", slug, "+13125550199", "--yes").returncode == 1
