"""`contacts import`: the whole way of a file, in the foreground; `optouts import` goes it, too."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import click
from flask import current_app

from webapp.cli.common import answer, find_campaign, json_option
from webapp.db import transaction, utc_now
from webapp.errors import ConflictError, RefusedError
from webapp.models import ContactImport, ImportState
from webapp.services import import_columns, import_files, import_preview, imports, sheets
from webapp.services.import_running import Run
from webapp.texting import lines

MOST_ERRORS = 100


@click.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--list", "list_name", required=True, help="The list they are put on.")
@click.option("--subscribed", default="", help="Where and when they signed up for broadcasts.")
@click.option("--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="Correct the guess.")
@click.option("--update", is_flag=True, help="Update names and fields of those already there.")
@click.option("--dry-run", is_flag=True, help="Check the file and bring nothing in.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the rows that can't be used to this CSV file.",
)
@json_option
def bring_in(
    slug: str,
    file: Path,
    list_name: str,
    subscribed: str,
    pairs: tuple[str, ...],
    update: bool,
    dry_run: bool,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Bring the contacts of a CSV or Excel file into a list. Run again, it adds nothing twice.

    A file that was only half brought in, because the command was killed, is finished by running
    it again. Nothing in a file ever lifts an opt-out.
    """
    chosen = dict(pair(one) for one in pairs)
    folder = import_files.folder_of(current_app.extensions["settings"])
    with (
        progress(as_json) as say,
        _checked(slug, file, list_name, subscribed, chosen, folder, say) as run,
    ):
        errors = write_rejects(run.row(), folder, rejects)
        facts = _dry(run) if dry_run else _wet(run, update=update)
    facts |= {"list": lines.one_line(list_name), "dry_run": dry_run, "errors": errors}
    answer(facts, _in_words(facts, rejects), as_json=as_json)


@contextmanager
def _checked(
    slug: str,
    file: Path,
    list_name: str,
    subscribed: str,
    chosen: dict[str, str],
    folder: Path,
    say: Any,
) -> Iterator[Run]:
    """An import whose rows are checked; this process holds its lock until the end."""
    find_campaign(slug)
    table = imports.open_table(file)
    with transaction():
        row = imports.begin(
            find_campaign(slug),
            list_name,
            table,
            file_name=file.name,
            folder=folder,
            subscribed=subscribed,
            by=None,
            now=utc_now(),
        )
        matched = import_columns.merged(dict(row.mapping), chosen, table.shape.headings)
        imports.match(row, matched, folder)
        import_id = row.id
    with checked_rows(import_id, folder, say) as run:
        yield run


@contextmanager
def checked_rows(import_id: int, folder: Path, say: Any) -> Iterator[Run]:
    """The work on an import whose columns are matched, its rows checked; nobody else is at it."""
    with import_files.only_one(folder, import_id):
        run = Run(import_id, transaction, utc_now, folder, True, say)
        run.check()
        if run.row().state is not ImportState.CHECKED:
            raise RefusedError(run.row().problem)
        yield run


def _wet(run: Run, *, update: bool) -> dict[str, Any]:
    """Bring the rows in; what it came to, from the kept counts."""
    try:
        with transaction():
            row = run.row()
            imports.start(row, updates_existing=update, folder=run.folder, by=None, now=utc_now())
    except ConflictError:
        with transaction():
            imports.cancel(run.row(), run.folder, now=utc_now())
        raise
    row = merged(run)
    return _facts(row, row.counts)


def merged(run: Run) -> ContactImport:
    """The import, done; RefusedError with its problem when it failed."""
    run.merge()
    row = run.row()
    if row.state is not ImportState.DONE:
        raise RefusedError(row.problem)
    return row


def _dry(run: Run) -> dict[str, Any]:
    """What bringing the rows in would come to; the import is given up."""
    row = run.row()
    counts = row.counts | run.look_up()
    counts["new"] = counts["staged"] - counts["known"]
    facts = _facts(row, counts)
    with transaction():
        imports.cancel(run.row(), run.folder, now=utc_now())
    return facts


def _facts(row: ContactImport, counts: dict[str, Any]) -> dict[str, Any]:
    made = ("new", "updated", "members", "tagged", "added_p2p", "added_broadcast")
    return {
        "rows": row.rows,
        "imported": counts["staged"],
        "new": counts.get("new", 0),
        "updated": counts.get("updated", 0),
        "duplicates": counts["duplicates"],
        "rejected": counts["rejected"],
        "already_opted_out": counts.get("opted_out", 0),
        "opted_out": {
            "p2p": counts.get("added_p2p", 0),
            "broadcast": counts.get("added_broadcast", 0),
        },
        "changed": any(counts.get(name) for name in made),
    }


def write_rejects(row: ContactImport, folder: Path, rejects: Path | None) -> list[dict[str, Any]]:
    """Write the file of rejected rows if it is wanted; the first ones come back."""
    if rejects is not None:
        heading, rows = import_preview.rejects_sheet(row, import_preview.rejected(row, folder))
        with rejects.open("w", encoding="utf-8", newline="") as out:
            out.writelines(sheets.lines(heading, rows, as_is=()))
    return [
        {"row": problem.row, "column": problem.column, "reason": problem.reason}
        for problem in islice(import_preview.rejected(row, folder), MOST_ERRORS)
    ]


def _in_words(facts: dict[str, Any], rejects: Path | None) -> str:
    would = "would be " if facts["dry_run"] else ""
    said = [
        f"{facts['imported']:,} contacts {would}in “{facts['list']}”: {facts['new']:,} new, "
        f"{facts['updated']:,} updated."
    ]
    if not facts["dry_run"] and not facts["changed"]:
        said.append("Nothing had to be changed.")
    if facts["duplicates"]:
        said.append(f"{facts['duplicates']:,} rows repeat a number and were left out.")
    said.extend(rejected_in_words(facts, rejects))
    if facts["already_opted_out"]:
        said.append(
            f"{facts['already_opted_out']:,} of these people are already opted out. They will be "
            "suppressed."
        )
    return "\n".join(said)


def rejected_in_words(facts: dict[str, Any], rejects: Path | None) -> Iterator[str]:
    """Lines about the rows that couldn't be used and why the first ones couldn't, if any."""
    if not facts["rejected"]:
        return
    where = f" They are in {rejects}." if rejects else " --rejects FILE keeps them."
    yield f"{facts['rejected']:,} rows couldn't be used.{where}"
    for one in facts["errors"][:5]:
        yield f"  Row {one['row']}: {one['reason']}"


def pair(given: str) -> tuple[str, str]:
    """FIELD=COLUMN of --map in two."""
    field, equals, column = given.partition("=")
    if not equals or not field.strip():
        raise click.UsageError(f"--map takes FIELD=COLUMN, not “{given}”.")
    return field, column


@contextmanager
def progress(as_json: bool) -> Iterator[Any]:
    """A function that says how far an import has come, on a terminal alone."""
    shown = sys.stderr.isatty() and not as_json

    def say(state: ImportState, rows: int) -> None:
        if shown:
            verb = "Read" if state is ImportState.CHECKING else "Brought in"
            click.echo(f"\r{verb} {rows:,}…\x1b[K", nl=False, err=True)

    yield say
    if shown:
        click.echo("\r\x1b[K", nl=False, err=True)
