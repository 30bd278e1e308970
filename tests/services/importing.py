"""An import from file to list in one call, as a worker and a command do it step by step."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.models import Campaign, Contact, ContactImport, ContactList, ListMember
from webapp.services import import_running, imports
from webapp.services.import_columns import Matched, merged

HEADING = "first_name,last_name,phone\n"


def write(tmp_path: Path, content: str | bytes, name: str = "voters.csv") -> Path:
    """A file as somebody would hand it in."""
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def folder(tmp_path: Path) -> Path:
    """A folder for scratch files."""
    found = tmp_path if tmp_path.name == "imports" else tmp_path / "imports"
    found.mkdir(exist_ok=True)
    return found


def check(
    file: Path, *, to: str = "Ward 25", mapping: Matched | None = None, **values: Any
) -> ContactImport:
    """Look at a file and check its rows; nothing is in the campaign yet."""
    place = folder(file.parent)
    campaign = values.pop("of", None) or factories.the_campaign()
    table = imports.open_table(file)
    with transaction():
        row = imports.begin(
            db.session.get_one(Campaign, campaign.id),
            to,
            table,
            file_name=file.name,
            folder=place,
            by=values.pop("by", None),
            now=utc_now(),
            **values,
        )
        chosen = merged(dict(row.mapping), mapping or {}, table.shape.headings)
        imports.match(row, chosen, place)
        import_id = row.id
    run(import_id, place)
    return db.session.get_one(ContactImport, import_id, populate_existing=True)


def start(row: ContactImport, place: Path, *, updates: bool = False) -> None:
    """Press the button of the preview."""
    import_id = row.id
    with transaction():
        imports.start(
            db.session.get_one(ContactImport, import_id),
            updates_existing=updates,
            folder=place,
            by=None,
            now=utc_now(),
        )


def run(import_id: int, place: Path) -> bool:
    """Let a worker (here: the foreground) go on with it."""
    return import_running.run_to_end(import_id, transaction, utc_now, folder=place, foreground=True)


def bring_in(
    tmp_path: Path, content: str | bytes, *, updates: bool = False, **values: Any
) -> ContactImport:
    """The whole way of a file."""
    row = check(write(tmp_path, content), **values)
    if row.state != "checked":
        return row
    start(row, folder(tmp_path), updates=updates)
    run(row.id, folder(tmp_path))
    return db.session.get_one(ContactImport, row.id, populate_existing=True)


def contacts() -> dict[str, Contact]:
    """Everybody, by phone."""
    rows = db.session.scalars(select(Contact).execution_options(populate_existing=True))
    return {contact.phone: contact for contact in rows}


def people_on(name: str = "Ward 25") -> set[str]:
    """The phones on a list."""
    query = (
        select(Contact.phone)
        .join(ListMember, ListMember.contact_id == Contact.id)
        .join(ContactList, ContactList.id == ListMember.list_id)
        .where(ContactList.name == name)
    )
    return set(db.session.scalars(query))
