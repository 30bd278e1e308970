"""Putting a backup in the place of a database, so that nobody who opted out since is texted."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import flask_migrate
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from webapp import keyed, presence
from webapp.app import create_app
from webapp.cli import archives, copies
from webapp.cli.archives import Manifest
from webapp.config import ROOT, Settings
from webapp.db import db, transaction, utc_now
from webapp.errors import BusyError, ConfigError, ConflictError, InvalidError
from webapp.schema import is_current
from webapp.services import carrying_over, catch_up, restoring

CARRIED = ("erased_again", "texts_carried_over", "launched_since", "opt_outs_carried_over")


@dataclass(frozen=True)
class Place:
    """Where the installation is, and whether what is there can be read."""

    database: Path
    is_occupied: bool  # campaigns or people are in it
    is_readable: bool  # so that what it knows can be carried over


def restore(
    settings: Settings, source: Path, *, replaces: bool, replaced_url: str | None = None
) -> dict[str, Any]:
    """Put the backup in place of what is there; the facts for whoever asked.

    Refused when the file is damaged, the key is another one, Heed is running, or somebody's data
    is there and `replaces` is False. Everything is made ready beside the old database, which is
    untouched until the last step and then kept under a dated name. On PostgreSQL the database has
    to be an empty one; `replaced_url` is the one that it takes the place of.
    """
    if not source.is_file():
        raise InvalidError(f"There is no file {source}.")
    database = presence.file_of(settings.database_url)
    if database is None:
        return _restore_dump(settings, source, replaced_url)
    database.parent.mkdir(parents=True, exist_ok=True)
    with presence.alone(settings.database_url), copies.scratch(database.parent) as folder:
        manifest = archives.unpack(source, folder)
        key = _key(settings, manifest, folder)
        copies.check(_fits(folder, source), source)
        place = _place(database)
        if place.is_occupied and not replaces:
            raise ConflictError(
                "There are campaigns in this installation already; nothing was changed. "
                "--yes puts the backup in their place and keeps what is there under a dated name."
            )
        facts = _make_ready(replace(settings, secret_key=key), folder, manifest, place)
        aside = _put_in_place(settings, folder, place)
    return {"restored": True, "made_at": manifest.made_at, **facts, "kept_aside": aside}


def _restore_dump(settings: Settings, source: Path, replaced_url: str | None) -> dict[str, Any]:
    """Into an empty database of PostgreSQL, by its own program."""
    engine = create_engine(settings.database_url, poolclass=NullPool)
    if inspect(engine).get_table_names():
        raise ConflictError(
            "This database has tables; nothing was changed. Make an empty one, point "
            "HEED_DATABASE_URL to it, and name the old one with --replaced so that opt-outs in it "
            "are carried over."
        )
    if shutil.which("pg_restore") is None:
        raise ConfigError("pg_restore is not installed here. Install PostgreSQL's client programs.")
    settings.instance.mkdir(parents=True, exist_ok=True)
    with copies.scratch(settings.instance) as folder:
        manifest = archives.unpack(source, folder)
        key = _key(settings, manifest, folder)
        dump = folder / copies.DUMP
        if not dump.exists():
            raise InvalidError(f"{source} is a backup of SQLite; see `./heed db copy`.")
        words = ("pg_restore", "--no-owner", "--single-transaction", str(dump))
        copies.run_program(*words, url=settings.database_url)
        made_at = datetime.fromisoformat(manifest.made_at)
        facts = _settle(replace(settings, secret_key=key), made_at, replaced_url)
    return {"restored": True, "made_at": manifest.made_at, **facts, "kept_aside": []}


def _fits(folder: Path, source: Path) -> Path:
    """The database that was unpacked; InvalidError when this version cannot use it."""
    database = folder / "heed.db"
    if not database.exists():
        raise InvalidError(f"{source} is a backup of PostgreSQL; this installation uses SQLite.")
    known = ScriptDirectory(str(ROOT / "webapp" / "migrations")).walk_revisions()
    if copies.schema_of(database) not in {one.revision for one in known}:
        raise InvalidError("The backup was made by a newer version of Heed. Update, then restore.")
    return database


def _key(settings: Settings, manifest: Manifest, folder: Path) -> str:
    """The secret key of the backup: its own, or the one that is set, which has to be the same."""
    kept, brought = settings.instance / copies.KEY, folder / copies.KEY
    is_set = not kept.exists() or kept.read_text(encoding="utf-8").strip() != settings.secret_key
    key = settings.secret_key
    if brought.exists() and not is_set:
        key = brought.read_text(encoding="utf-8").strip()
    if keyed.print_of(key) != manifest.key_print:
        raise ConfigError(
            "HEED_SECRET_KEY is not the key that the backup was made with. With another one, "
            "people who were erased and had opted out would not be recognized. Set that key."
        )
    return key


def _place(database: Path) -> Place:
    """What is there now, folded into one file; BusyError when something has it open."""
    if not database.exists() or not database.stat().st_size:
        return Place(database, is_occupied=False, is_readable=False)
    try:
        with closing(sqlite3.connect(database, timeout=2)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            whole = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'campaign'")
            if not made.fetchone():
                return Place(database, is_occupied=False, is_readable=False)
            some = "SELECT EXISTS (SELECT 1 FROM campaign) OR EXISTS (SELECT 1 FROM person)"
            return Place(database, bool(connection.execute(some).fetchone()[0]), whole)
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise BusyError("Something has this database open. Stop it first.") from error
        return Place(database, is_occupied=True, is_readable=False)
    except sqlite3.DatabaseError:
        return Place(database, is_occupied=True, is_readable=False)


def _make_ready(
    settings: Settings, folder: Path, manifest: Manifest, place: Place
) -> dict[str, Any]:
    """Migrate the copy, hold what may have left, carry over what the replaced database knows."""
    made_at = datetime.fromisoformat(manifest.made_at)
    new = folder / "heed.db"
    queue = f"sqlite:///{folder / 'queue.db'}"
    old = f"sqlite:///file:{place.database}?mode=ro&uri=true" if place.is_readable else None
    settings = replace(settings, database_url=f"sqlite:///{new}", queue_url=queue, instance=folder)
    facts = _settle(settings, made_at, old)
    with closing(sqlite3.connect(new)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return facts


def _settle(settings: Settings, made_at: datetime, replaced_url: str | None) -> dict[str, Any]:
    """What makes a restored database safe; with what the replaced one knows, if it is given."""
    with create_app(settings).app_context():
        if not is_current():
            flask_migrate.upgrade()
        try:
            knows = replaced_url is not None and _has_caught_up(replaced_url)
            held = _hold(made_at, is_lost=not knows)
            carried = (
                _carry_over(replaced_url, made_at) if replaced_url else dict.fromkeys(CARRIED, 0)
            )
        finally:
            db.session.remove()
            db.engine.dispose()
    is_read = replaced_url is not None
    told = {"replaced_database_read": is_read, "replaced_database_caught_up": knows}
    return {**held, **carried, **told}


def _has_caught_up(replaced_url: str) -> bool:
    with create_engine(replaced_url, poolclass=NullPool).connect() as replaced:
        return carrying_over.has_caught_up(replaced)


def _hold(made_at: datetime, *, is_lost: bool) -> dict[str, int]:
    now = utc_now()
    more = True
    while more:
        with transaction():
            more = restoring.sort_on(now=now)
    with transaction():
        held = restoring.hold(made_at=made_at, now=now)
        catch_up.read_back(since=made_at, sent=is_lost)
    return {
        "texts_held": held.texts,
        "actions_paused": held.paused,
        "broadcasts_kept_back": held.kept_back,
    }


def _carry_over(replaced_url: str, made_at: datetime) -> dict[str, int]:
    """Texts before opt-outs: an opt-out ends what its contact was still to get."""
    now = utc_now()
    engine = create_engine(replaced_url, poolclass=NullPool)
    with engine.connect() as replaced, transaction():
        again = carrying_over.erase_again(carrying_over.erased_numbers(replaced), now=now)
        left = carrying_over.first_texts(replaced, since=made_at)
        texts = carrying_over.mark_texted(left, now=now)
        launched = carrying_over.warn_of_launches(replaced)
    with engine.connect() as replaced, transaction():
        gone = carrying_over.opt_out(carrying_over.opt_outs(replaced), now=now)
    return dict(zip(CARRIED, (again, texts, launched, gone), strict=True))


def _put_in_place(settings: Settings, folder: Path, place: Place) -> list[str]:
    """Keep what is there under a dated name, then put the backup's files there, database last.

    The database changes places in one step: whoever pulls the plug finds the old or the new one.
    """
    ending, aside = f".before-restore-{copies.stamp()}", []
    queue = presence.file_of(settings.queue_url)
    uploads = settings.instance / "imports"
    for there in filter(None, (queue, uploads)):
        if there.exists():
            aside.append(str(there.rename(f"{there}{ending}")))
    if (folder / "imports").exists():
        (folder / "imports").rename(uploads)
    kept, brought = settings.instance / copies.KEY, folder / copies.KEY
    if brought.exists() and kept.exists() and kept.read_bytes() != brought.read_bytes():
        aside.append(str(kept.rename(f"{kept}{ending}")))
    if brought.exists() and not kept.exists():
        brought.rename(kept)
    if place.database.exists():
        old = Path(f"{place.database}{ending}")
        old.hardlink_to(place.database)
        aside.append(str(old))
    for left in ("-wal", "-shm"):
        place.database.with_name(place.database.name + left).unlink(missing_ok=True)
    (folder / "heed.db").replace(place.database)
    return aside
