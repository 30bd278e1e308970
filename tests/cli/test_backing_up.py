"""`backup` and `restore`: one file, and nobody who opted out since is texted afterwards."""

import json
import os
import secrets
import sqlite3
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories, servers
from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY
from tests.services import scenes
from tests.shell import Done, Shell
from webapp.app import create_app
from webapp.cli import copies, serving
from webapp.config import ROOT, load
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Campaign,
    Closed,
    Contact,
    Conversation,
    LoginSession,
    Message,
    MessageState,
    OptOutSource,
    Recipient,
    RecipientState,
    Texting,
)
from webapp.services import (
    actions,
    audit,
    catch_up,
    contacts_by_phone,
    erasure,
    launches,
    optouts,
    overview,
    schedules,
    tags,
)

KEY = "a key for tests alone"


class Home:
    """An installation in a folder of its own, with the shell to run commands on it."""

    def __init__(self, folder: Path, heed: Shell, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.heed, self._patch = folder, heed, patch
        folder.mkdir()
        (folder / "secret_key").write_text(KEY)
        (folder / "secret_key").chmod(0o600)

    @property
    def database(self) -> Path:
        return self.folder / "heed.db"

    @contextmanager
    def opened(self, **environ: str) -> Iterator[Flask]:
        """Heed on it, made and migrated if need be."""
        app = create_app(load({"HEED_INSTANCE": str(self.folder), **environ}))
        with app.app_context():
            flask_migrate.upgrade()
            try:
                yield app
                for row in db.session:  # For those who look at it afterwards.
                    db.session.refresh(row)
                db.session.expunge_all()
            finally:
                db.session.remove()
                db.engine.dispose()

    def run(self, *words: str, **environ: str) -> Done:
        for name in ("HEED_DATABASE_URL", "HEED_SECRET_KEY", "HEED_QUEUE_URL"):
            self._patch.delenv(name, raising=False)
        for name, value in {"HEED_INSTANCE": str(self.folder), **environ}.items():
            self._patch.setenv(name, value)
        return self.heed.run(*words)

    def facts(self, *words: str, **environ: str) -> Any:
        done = self.run(*words, "--json", **environ)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def home(tmp_path: Path, heed: Shell, monkeypatch: pytest.MonkeyPatch) -> Home:
    return Home(tmp_path / "home", heed, monkeypatch)


@pytest.fixture
def elsewhere(tmp_path: Path, heed: Shell, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Another machine."""
    return Home(tmp_path / "elsewhere", heed, monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "monday.heed"


def people(*names: str) -> list[Contact]:
    return [factories.contact(first_name=name) for name in names]


def found(contact: Contact) -> Contact:
    there = contacts_by_phone.find(contact.campaign_id, contact.phone)
    assert there is not None
    return there


def all_holds() -> bool:
    wrong = [(check.check, check.examples) for check in audit.run() if not check.ok]
    assert wrong == []
    return True


# The file


def test_a_backup_holds_the_database_the_key_and_uploads_and_is_readable_for_one(
    home: Home, file: Path
) -> None:
    with home.opened():
        factories.contact()
    (home.folder / "imports").mkdir()
    (home.folder / "imports" / "0a1b.csv").write_text("Phone\n3125550142\n")
    (home.folder / "imports" / "import-1.scratch").write_text("half")
    facts = home.facts("backup", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert facts["parts"] == ["heed.db", "secret_key", "imports/0a1b.csv"]
    assert facts["secret_key"] is True and facts["bytes"] == file.stat().st_size
    assert [one.name for one in file.parent.iterdir() if one.name.startswith(".")] == []


def test_a_key_that_was_given_is_not_in_the_backup_and_that_is_said(home: Home, file: Path) -> None:
    with home.opened():
        factories.campaign()
    done = home.run("backup", str(file), HEED_SECRET_KEY="another key, from the environment")
    assert "HEED_SECRET_KEY is not in it" in done.stdout
    with tarfile.open(file) as tar:
        assert "secret_key" not in tar.getnames()


def test_a_backup_is_taken_while_somebody_writes_and_holds_what_was_committed(
    home: Home, file: Path, elsewhere: Home
) -> None:
    with home.opened():
        factories.contact(first_name="Dana")
        with transaction():
            db.session.execute(Contact.__table__.update().values(first_name="Half"))
            home.facts("backup", str(file))
            db.session.rollback()
    elsewhere.facts("restore", str(file))
    with elsewhere.opened():
        assert db.session.scalar(select(Contact.first_name)) == "Dana"


def test_a_file_is_never_overwritten_by_accident(home: Home, file: Path) -> None:
    with home.opened():
        factories.campaign()
    file.write_text("something dear")
    done = home.run("backup", str(file))
    assert (done.returncode, file.read_text()) == (1, "something dear")
    assert "--force" in done.stderr
    assert home.run("backup", str(file), "--force").returncode == 0
    assert home.run("backup", str(file.parent / "nowhere" / "x")).returncode == 1


def test_without_a_database_there_is_nothing_to_back_up(home: Home, file: Path) -> None:
    done = home.run("backup", str(file))
    assert (done.returncode, done.stderr) == (1, "There is no database to back up.\n")
    assert not file.exists()


# Coming back


def test_an_installation_comes_back_on_an_empty_machine(
    home: Home, elsewhere: Home, file: Path
) -> None:
    with home.opened():
        contact = factories.contact()
        with transaction():
            optouts.record(contact, Texting.P2P, source=OptOutSource.REPORT, now=utc_now())
        factories.session_token(factories.owner())
        (home.folder / "imports").mkdir(exist_ok=True)
        (home.folder / "imports" / "0a1b.csv").write_text("Phone\n")
    home.facts("backup", str(file))
    (elsewhere.folder / "secret_key").unlink()
    facts = elsewhere.facts("restore", str(file))
    assert facts["restored"] is True and facts["not_covered"]
    assert (elsewhere.folder / "secret_key").read_text() == KEY
    assert (elsewhere.folder / "imports" / "0a1b.csv").exists()
    with elsewhere.opened():
        assert optouts.is_opted_out(found(contact).id, contact.campaign_id, Texting.P2P)
        assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0
        assert all_holds()


@pytest.mark.parametrize("harm", ["a byte", "cut off", "no tar", "a stranger"])
def test_a_damaged_file_changes_nothing(
    home: Home, elsewhere: Home, file: Path, harm: str, tmp_path: Path
) -> None:
    with home.opened():
        factories.contact()
    home.facts("backup", str(file))
    whole = bytearray(file.read_bytes())
    if harm == "a byte":
        whole[len(whole) // 2] ^= 1
    file.write_bytes({"cut off": whole[: len(whole) // 2], "no tar": b"not"}.get(harm, whole))
    if harm == "a stranger":
        (tmp_path / "evil").write_text("x")
        with tarfile.open(file, "a") as tar:
            tar.add(tmp_path / "evil", "../evil")
    before = sorted(elsewhere.folder.iterdir())
    done = elsewhere.run("restore", str(file))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert [one for one in sorted(elsewhere.folder.iterdir()) if ".users" not in one.name] == before


def test_what_is_there_is_replaced_only_when_told_and_kept_under_a_dated_name(
    home: Home, file: Path
) -> None:
    with home.opened():
        factories.campaign(name="On Monday")
    home.facts("backup", str(file))
    with home.opened():
        factories.campaign(name="On Tuesday")
    done = home.run("restore", str(file))
    assert done.returncode == 1 and "--yes" in done.stderr
    facts = home.facts("restore", str(file), "--yes")
    with home.opened():
        assert list(db.session.scalars(select(Campaign.name))) == ["On Monday"]
    (kept,) = [name for name in facts["kept_aside"] if "heed.db.before-restore-" in name]
    with closing(sqlite3.connect(kept)) as old:
        names = {row[0] for row in old.execute("SELECT name FROM campaign")}
    assert names == {"On Monday", "On Tuesday"}


def test_nothing_is_restored_while_heed_is_running(home: Home, file: Path) -> None:
    with home.opened():
        factories.campaign()
    home.facts("backup", str(file))
    program = (
        "from webapp import presence; import sys;"
        f"presence.stay('sqlite:///{home.database}'); print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        done = home.run("restore", str(file), "--yes")
        assert (done.returncode, done.stderr) == (
            1,
            "Heed is running on this database. Stop it first, then try again.\n",
        )
        running.kill()
    assert home.run("restore", str(file), "--yes").returncode == 0


def test_nothing_is_restored_while_another_program_has_the_database_open(
    home: Home, file: Path
) -> None:
    with home.opened():
        factories.campaign()
        home.facts("backup", str(file))
        db.session.execute(select(Campaign)).all()  # As in a shell that was left open.
        done = home.run("restore", str(file), "--yes")
        assert done.returncode == 1 and "open" in done.stderr


def test_another_secret_key_is_refused(home: Home, elsewhere: Home, file: Path) -> None:
    with home.opened():
        factories.campaign()
    home.facts("backup", str(file))
    done = elsewhere.run("restore", str(file), HEED_SECRET_KEY=secrets.token_hex(16))
    assert done.returncode == 1 and "not the key that the backup was made with" in done.stderr


def test_a_backup_of_a_newer_version_is_refused(home: Home, elsewhere: Home, file: Path) -> None:
    with home.opened():
        factories.campaign()
    with closing(sqlite3.connect(home.database)) as there:
        there.execute("UPDATE alembic_version SET version_num = '9999'")
        there.commit()
    home.facts("backup", str(file))
    assert "newer version" in elsewhere.run("restore", str(file)).stderr


def test_a_backup_of_an_older_version_is_migrated(home: Home, elsewhere: Home, file: Path) -> None:
    with home.opened():
        factories.campaign()
        db.session.remove()
        flask_migrate.downgrade(revision="-1")
    home.facts("backup", str(file))
    elsewhere.facts("restore", str(file))
    assert copies.schema_of(elsewhere.database) > copies.schema_of(home.database)


# What has happened since


def test_opt_outs_that_are_newer_than_the_backup_are_carried_over(home: Home, file: Path) -> None:
    with home.opened():
        dana, ben, eve = people("Dana", "Ben", "Eve")
        with transaction():
            optouts.record(eve, Texting.P2P, source=OptOutSource.REPORT, now=utc_now())
    home.facts("backup", str(file))
    with home.opened():
        with transaction():
            optouts.record(found(dana), Texting.P2P, source=OptOutSource.REPORT, now=utc_now())
            optouts.record(found(ben), Texting.BROADCAST, source=OptOutSource.ADMIN, now=utc_now())
            stranger = contacts_by_phone.make(dana.campaign_id, "+13125550199", now=utc_now())
            optouts.record(stranger, Texting.P2P, source=OptOutSource.STOP_WORD, now=utc_now())
            by = factories.admin
        lifter = by()
        with transaction():
            reason = {"reason": "She called and asked", "agreed": "called"}
            optouts.lift(found(eve), Texting.P2P, **reason, by=lifter, now=utc_now())
    facts = home.facts("restore", str(file), "--yes")
    assert facts["opt_outs_carried_over"] == 3
    assert any("replaced database" in line for line in facts["covered"])
    with home.opened():
        standing = {
            name: [optouts.is_opted_out(found(one).id, one.campaign_id, kind) for kind in Texting]
            for name, one in {"dana": dana, "ben": ben, "eve": eve}.items()
        }
        assert standing == {"dana": [True, False], "ben": [False, True], "eve": [True, False]}
        unknown = contacts_by_phone.find(dana.campaign_id, "+13125550199")
        assert unknown and optouts.is_opted_out(unknown.id, dana.campaign_id, Texting.P2P)
        assert all_holds()


def test_an_opt_out_that_is_carried_over_ends_all_that_an_opt_out_ends(
    home: Home, file: Path
) -> None:
    with home.opened():
        factories.number()
        (ana, ben), texter = people("Ana", "Ben"), factories.texter()
        action = factories.action(ana, ben)
        talk = factories.first_text(action, ana, texter).conversation_id
    home.facts("backup", str(file))
    with home.opened(), transaction():
        for one in (ana, ben):
            optouts.record(found(one), Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    home.facts("restore", str(file), "--yes")
    with home.opened():
        counts = overview.of(db.session.scalars(select(Action)).one()).counts
        assert (counts.ready, counts.opted_out) == (0, 1)
        assert db.session.get_one(Conversation, talk).closed is Closed.OPTED_OUT
        assert all_holds()


def test_texts_that_were_on_their_way_do_not_leave_again_by_themselves(
    home: Home, file: Path
) -> None:
    with home.opened():
        factories.number()
        contacts, texter = people("Ana", "Ben", "Cem", "Dee"), factories.texter()
        action = factories.action(*contacts)
        texts = [factories.first_text(action, one, texter) for one in contacts[:3]]
        scenes.claim(now=utc_now() + timedelta(seconds=1))
        scenes.take(texts[0].id, now=utc_now() + timedelta(seconds=2))
    home.facts("backup", str(file))
    facts = home.facts("restore", str(file), "--yes")
    assert (facts["texts_held"], facts["actions_paused"]) == (3, 1)
    with home.opened():
        later = utc_now() + timedelta(hours=1)
        scenes.sweep(now=later)
        assert scenes.send_all(now=later) == []
        assert list(db.session.scalars(select(Message.state))) == [MessageState.UNKNOWN] * 3
        one = overview.of(db.session.scalars(select(Action)).one())
        assert (one.action.state, one.counts.unknown, one.counts.ready) == (
            ActionState.PAUSED,
            3,
            1,
        )
        assert all_holds()


def test_whoever_was_texted_after_the_backup_is_not_texted_again_after_a_resume(
    home: Home, file: Path
) -> None:
    with home.opened():
        number = factories.number(next_free_at=utc_now() - timedelta(hours=1))
        action = factories.action(
            *people("Ana", "Ben", "Cem"), factories.contact(), kind=ActionKind.BROADCAST
        )
    home.facts("backup", str(file))
    with home.opened():
        # The scene's clock runs ahead; texts have left before the restore.
        assert len(scenes.send_all(now=utc_now() - timedelta(minutes=1))) == 4
        gone = db.session.scalars(select(Contact).where(Contact.first_name == "Ana")).one()
        scenes.text_in(gone, number, "STOP", now=utc_now())
    facts = home.facts("restore", str(file), "--yes")
    assert (facts["texts_carried_over"], facts["opt_outs_carried_over"]) == (4, 1)
    with home.opened():
        held = db.session.get_one(Action, action.id)
        assert "A backup from" in held.alarm
        with transaction():
            actions.resume(held, by=None, now=utc_now(), reason="Looked at everybody")
        assert scenes.send_all(now=utc_now() + timedelta(hours=1)) == []
        kept = overview.of(held).counts
        assert (kept.ready, kept.sent) == (0, 4)
        assert all_holds()


def test_a_draft_that_was_launched_after_the_backup_says_so(home: Home, file: Path) -> None:
    with home.opened():
        draft = factories.action(*people("Ana"), launched=False)
    home.facts("backup", str(file))
    with home.opened(), transaction():
        launches.launch(db.session.get_one(Action, draft.id), by=None, now=utc_now())
    done = home.run("restore", str(file), "--yes")
    assert "Launched since, and drafts here (each says so): 1." in done.stdout
    with home.opened():
        again = db.session.get_one(Action, draft.id)
        assert again.state is ActionState.DRAFT and "It may have been sent" in again.alarm


def test_planned_broadcasts_are_drafts_again_and_launches_end_paused(
    home: Home, file: Path
) -> None:
    with home.opened():
        factories.number()
        contacts = people("Ana", "Ben", "Cem")
        planned, begun = (
            factories.action(*contacts, kind=ActionKind.BROADCAST, launched=False) for _ in "ab"
        )
        with transaction():
            in_an_hour = utc_now() + timedelta(hours=1)
            schedules.schedule(planned, in_an_hour, by=None, now=utc_now())
            launches.launch(begun, by=None, now=utc_now())
            launches.sort_chunk(begun, now=utc_now(), size=1)
    home.facts("backup", str(file))
    facts = home.facts("restore", str(file), "--yes")
    assert (facts["broadcasts_kept_back"], facts["actions_paused"]) == (1, 1)
    with home.opened():
        again = db.session.get_one(Action, planned.id)
        assert (again.state, again.starts_at) == (ActionState.DRAFT, None)
        assert "A backup was restored" in again.alarm
        assert db.session.get_one(Action, begun.id).state is ActionState.PAUSED
        ready = select(func.count()).where(
            Recipient.action_id == begun.id, Recipient.state == RecipientState.READY
        )
        assert db.session.scalar(ready) == 3
        assert all_holds()


def test_whoever_was_erased_since_is_erased_again_with_their_opt_outs(
    home: Home, file: Path
) -> None:
    with home.opened():
        dana = factories.contact(first_name="Dana")
    home.facts("backup", str(file))
    with home.opened(), transaction():
        optouts.record(found(dana), Texting.P2P, source=OptOutSource.REPORT, now=utc_now())
        erasure.erase(found(dana), by=None, now=utc_now())
    facts = home.facts("restore", str(file), "--yes")
    assert facts["erased_again"] == 1
    with home.opened():
        row = db.session.scalars(select(Contact)).one()
        assert row.is_erased and row.first_name == ""
        assert optouts.is_opted_out(row.id, row.campaign_id, Texting.P2P)
        assert all_holds()


def test_a_database_that_cannot_be_read_is_kept_and_the_gap_is_told(home: Home, file: Path) -> None:
    with home.opened():
        factories.contact()
    home.facts("backup", str(file))
    home.database.write_bytes(b"not a database at all" * 500)
    facts = home.facts("restore", str(file), "--yes", HEED_SMS_PROVIDER="simulator")
    assert facts["replaced_database_read"] is False
    assert any("opt-outs that texters and admins recorded" in one for one in facts["not_covered"])
    assert len(facts["kept_aside"]) >= 1
    done = home.run("restore", str(file), "--yes")
    assert "NOT covered" not in done.stdout and "Covered: The replaced database" in done.stdout


@pytest.mark.parametrize("provider", ["twilio", "telnyx", "simulator"])
def test_without_the_old_database_it_says_who_may_be_texted_again(
    home: Home, elsewhere: Home, file: Path, provider: str
) -> None:
    with home.opened():
        factories.number()
    home.facts("backup", str(file))
    keys = {
        "twilio": {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN},
        "telnyx": {"TELNYX_API_KEY": API_KEY, "TELNYX_PUBLIC_KEY": PUBLIC_KEY},
    }.get(provider, {})
    facts = elsewhere.facts("restore", str(file), HEED_SMS_PROVIDER=provider, **keys)
    told = " ".join(facts["covered"]), " ".join(facts["not_covered"])
    listed = provider == "twilio"
    assert ("nobody on Twilio's list gets a first text again" in told[0]) is listed
    assert ("so is who was texted since" in told[1]) is not listed
    assert ("when they are launched again" in told[1]) is listed
    with elsewhere.opened():
        assert len(catch_up.sent_unread()) == 1
    with_old = home.facts("restore", str(file), "--yes", HEED_SMS_PROVIDER=provider, **keys)
    assert not any("texted again" in one or "list" in one for one in with_old["not_covered"])
    with home.opened():
        assert catch_up.sent_unread() == [] and catch_up.is_owed()


TWILIO = {
    "HEED_SMS_PROVIDER": "twilio",
    "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
}


def unread_since(home: Home) -> list[datetime]:
    with home.opened():
        return [stretch.since + catch_up.OVERLAP for stretch in catch_up.sent_unread()]


def test_a_second_restore_before_the_lists_were_read_forgets_nobody_who_was_texted(
    home: Home, elsewhere: Home, file: Path
) -> None:
    """What is replaced can be read, but it knows no more of the lost database than the backup."""
    with home.opened():
        factories.number()
    made_at = datetime.fromisoformat(home.facts("backup", str(file))["made_at"])
    elsewhere.facts("restore", str(file), **TWILIO)
    again = elsewhere.facts("restore", str(file), "--yes", **TWILIO)
    assert unread_since(elsewhere) == [made_at]
    assert any("nobody on Twilio's list" in one for one in again["covered"])
    assert any("recorded since the backup are unknown" in one for one in again["not_covered"])


def test_a_backup_of_a_database_that_owes_its_lists_owes_them_from_the_same_moment(
    home: Home, elsewhere: Home, file: Path, tmp_path: Path
) -> None:
    with home.opened():
        factories.number()
    made_at = datetime.fromisoformat(home.facts("backup", str(file))["made_at"])
    elsewhere.facts("restore", str(file), **TWILIO)
    later = tmp_path / "later.heed"
    elsewhere.facts("backup", str(later))
    elsewhere.database.unlink()
    elsewhere.facts("restore", str(later), **TWILIO)
    assert unread_since(elsewhere) == [made_at]


# Before a migration


def test_serve_backs_up_before_it_migrates_and_keeps_the_newest_three(home: Home) -> None:
    settings = load({"HEED_INSTANCE": str(home.folder)})
    serving._migrate(settings)
    assert not (home.folder / "backups").exists()
    for n in range(4):
        with home.opened():
            if not n:
                factories.campaign()
            db.session.remove()
            flask_migrate.downgrade(revision="-1")
        (home.folder / "backups").mkdir(exist_ok=True)
        (home.folder / "backups" / f"before-upgrade-2020010{n}T000000Z.heed").touch()
        serving._migrate(settings)
    kept = sorted((home.folder / "backups").iterdir())
    assert len(kept) == copies.KEPT
    assert tarfile.is_tarfile(kept[-1])


# PostgreSQL


def test_postgresql_is_backed_up_by_its_own_program_and_comes_back(
    home: Home, file: Path, postgres_url: str, heed: Shell
) -> None:
    old, new = (
        servers.create_database(f"heed_{name}_{os.getpid()}").replace(
            "postgresql:", "postgresql+psycopg:", 1
        )
        for name in ("old", "new")
    )
    environ = {"HEED_SECRET_KEY": KEY}
    with home.opened(HEED_DATABASE_URL=old, **environ):
        dana = factories.contact()
        number = factories.number(next_free_at=utc_now() - timedelta(hours=1))
        factories.action(dana, kind=ActionKind.BROADCAST)
    home.facts("backup", str(file), HEED_DATABASE_URL=old, **environ)
    with home.opened(HEED_DATABASE_URL=old, **environ):
        scenes.send_all(now=utc_now() - timedelta(minutes=1))
        scenes.text_in(found(dana), number, "STOP", now=utc_now())
    done = home.run("restore", str(file), HEED_DATABASE_URL=old, **environ)
    assert done.returncode == 1 and "--replaced" in done.stderr
    asked = ("restore", str(file), "--replaced", old)
    facts = home.facts(*asked, HEED_DATABASE_URL=new, **environ)
    assert (facts["opt_outs_carried_over"], facts["texts_carried_over"]) == (1, 1)
    with home.opened(HEED_DATABASE_URL=new, **environ):
        assert optouts.is_opted_out(found(dana).id, dana.campaign_id, Texting.BROADCAST)
        assert len(tags.all_of(dana.campaign_id)) == 2
        assert all_holds()
    for url in (old, new):
        servers.drop_database(url.rpartition("/")[2])


def test_without_pg_dump_one_sentence_says_what_to_do(
    home: Home, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    url = "postgresql://heed@127.0.0.1:1/heed"
    done = home.run("backup", str(file), HEED_DATABASE_URL=url, HEED_SECRET_KEY=KEY)
    assert done.returncode == 1 and "pg_dump is not installed here" in done.stderr
    assert done.stderr.count("\n") == 1
