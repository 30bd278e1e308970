"""Import of a CSV with `rows` rows, against the same rows written by bare SQL in one go.

The yardstick streams the file, normalises the phones, and puts all contacts into the same table
with one bulk insert and all members onto a list with one statement: no preview, no duplicates
or rejects reported, no chunks that let others write, nothing that could be killed and run again.
`bare_s` is a bulk insert into a table that has nothing but the file's columns and the key.
"""

import csv
import random
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from tests.bench import core, filling
from webapp.db import db, transaction, utc_now
from webapp.models import Campaign, Contact, ContactImport, ContactList, ImportState, ListMember
from webapp.services import import_files, imports
from webapp.services.import_running import Run
from webapp.texting import phones

GOALS = {"sqlite": 1.5, "postgres": 2.5}
AREAS = (201, 202, 206, 212, 303, 305, 312, 404, 415, 503, 602, 617, 702, 713, 773, 786, 818, 917)
WAYS = ("({}) {}-{}", "{}-{}-{}", "{}{}{}", "+1 {} {} {}")
COLUMNS = ("phone", "first_name", "last_name", "state", "city")
_serial = count(1)


def measure(database: str, rows: int) -> core.Result:
    """One row in a hundred is no phone, one in a hundred repeats the row before it."""
    with core.ground(database) as ground:
        filling.campaign(utc_now())
        file = ground.settings.instance / "contacts.csv"
        _write(file, rows)
        longest: list[float] = []
        peaks: list[float] = []
        yardstick, product = core.rounds(
            lambda: _same_tables(file), lambda: _product(ground, file, longest, peaks)
        )
        bare, again = _bare(file), _product(ground, file, [], [], campaign=_newest())
    return core.Result(
        job="import",
        database=database,
        rows=rows,
        yardstick=yardstick,
        product=product,
        goal=GOALS[database],
        more={
            "rows_a_second": round(rows / product),
            "bare_s": round(bare, 3),
            "times_bare": round(product / bare, 2),
            "again_s": round(again, 3),  # the same file once more: nothing is added
            "longest_transaction_ms": round(max(longest) * 1000, 1),
            "peak_mib": round(max(peaks), 1),
        },
    )


def _write(file: Path, rows: int) -> None:
    pick = random.Random(7)
    span = len(AREAS) * 792 * 10_000
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("First name", "Last name", "Phone", "State", "City"))
        for row in range(rows):
            n = (row - (row % 100 == 50)) * 7_368_787 % span
            area, rest = AREAS[n % len(AREAS)], n // len(AREAS)
            exchange, line = 200 + rest % 792 + rest % 792 // 80, rest // 792
            phone = WAYS[row % 4].format(area, exchange, f"{line:04}")
            writer.writerow(
                (
                    f"First{pick.randrange(300)}",
                    f"Last{pick.randrange(5_000)}",
                    "none" if row % 100 == 99 else phone,
                    "IL",
                    "Chicago",
                )
            )


def _product(
    ground: core.Ground,
    file: Path,
    longest: list[float],
    peaks: list[float],
    *,
    campaign: Campaign | None = None,
) -> float:
    """The whole way of a file, as the command goes it."""
    chosen_id = (campaign or _campaign()).id
    folder = import_files.folder_of(ground.settings)
    _forget_peak()
    last = time.perf_counter()

    def chunk(state: ImportState, rows: int) -> None:
        nonlocal last
        now = time.perf_counter()
        if state is ImportState.IMPORTING:
            longest.append(now - last)
        last = now

    with core.clock() as seconds:
        table = imports.open_table(file)
        with transaction():
            row = imports.begin(
                db.session.get_one(Campaign, chosen_id),
                "Everybody",
                table,
                file_name=file.name,
                folder=folder,
                by=None,
                now=utc_now(),
            )
            imports.match(row, dict(row.mapping), folder)
            import_id = row.id
        run = Run(import_id, transaction, utc_now, folder, True, chunk)
        run.check()
        with transaction():
            imports.start(run.row(), updates_existing=False, folder=folder, by=None, now=utc_now())
        last = time.perf_counter()
        run.merge()
    assert db.session.get_one(ContactImport, import_id).state is ImportState.DONE
    peaks.append(_peak_mib())
    db.session.rollback()
    return seconds()


def _same_tables(file: Path) -> float:
    """One bulk insert into contact, one statement for the members of a list."""
    campaign_id, now = _campaign().id, utc_now()
    same: dict[str, Any] = {
        "campaign_id": campaign_id,
        "country": "US",
        "zones": "America/Chicago",
        "fields": "{}",
        "subscribed": "",
        "created_at": now,
        "updated_at": now,
        "shelf": 0,
    }
    with core.clock() as seconds, transaction():
        _bulk("contact", (*COLUMNS, "first_key", "last_key", *same), _people(file, same))
        chosen = ContactList(campaign_id=campaign_id, name="Bare", is_ready=True)
        db.session.add(chosen)
        db.session.flush()
        members = select(chosen.id, Contact.id).where(Contact.campaign_id == campaign_id)
        db.session.execute(insert(ListMember).from_select(["list_id", "contact_id"], members))
    return seconds()


def _people(file: Path, same: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    rest = tuple(str(value) if hasattr(value, "tzinfo") else value for value in same.values())
    for phone, first, last, state, city in _rows(file):
        yield phone, first, last, state, city, first.lower(), last.lower(), *rest


def _bare(file: Path) -> float:
    """One bulk insert into a table that has nothing but the columns of the file and the key."""
    connection = db.session.connection
    kind = "INTEGER PRIMARY KEY" if _is_sqlite() else "BIGSERIAL PRIMARY KEY"
    with transaction():
        columns = ", ".join(f"{name} varchar(80)" for name in COLUMNS)
        connection().exec_driver_sql(
            f"CREATE TABLE bare (id {kind}, {columns}, campaign_id integer, "
            "UNIQUE (campaign_id, phone))"
        )
    with core.clock() as seconds, transaction():
        _bulk("bare", (*COLUMNS, "campaign_id"), ((*row, 1) for row in _rows(file)))
    with transaction():
        connection().exec_driver_sql("DROP TABLE bare")
    return seconds()


def _rows(file: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Phone, names, state and city of each row that can be used, each phone once."""
    last = ""
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        for first, surname, raw, state, city in reader:
            phone = phones.e164(raw)
            if phone is not None and phone != last:
                yield phone, first, surname, state, city
                last = phone


def _bulk(table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
    """The quickest way of each database: executemany on one statement, or COPY."""
    driver: Any = db.session.connection().connection.driver_connection
    names = ", ".join(columns)
    if _is_sqlite():
        marks = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _campaign() -> Campaign:
    """A campaign of its own for each round, so that every contact is new in it."""
    with transaction():
        first = db.session.get_one(Campaign, 1)
        number = next(_serial)
        row = Campaign(
            slug=f"bench-{number}",
            name=f"Bench {number}",
            time_zone=first.time_zone,
            join_code=f"{number:06}",
        )
        db.session.add(row)
        db.session.flush()
        filling.tags.create_built_ins(row, now=utc_now())
    return row


def _newest() -> Campaign:
    done = select(ContactImport.campaign_id).where(ContactImport.state == ImportState.DONE)
    campaign_id = db.session.scalars(done.order_by(ContactImport.id.desc()).limit(1)).one()
    return db.session.get_one(Campaign, campaign_id)


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _forget_peak() -> None:
    """Let the kernel count the most memory anew (Linux), without what the yardstick left."""
    db.session.remove()
    db.engine.dispose()
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024
