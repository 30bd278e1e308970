"""`optouts import`: opt-outs from another system, in the foreground; it only ever adds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app

from webapp.cli.common import answer, find_campaign, json_option
from webapp.cli.importing import (
    checked_rows,
    merged,
    pair,
    progress,
    rejected_in_words,
    write_rejects,
)
from webapp.db import transaction, utc_now
from webapp.models import ContactImport, Texting
from webapp.services import import_files, imports, optout_columns, optout_imports
from webapp.services.import_running import Run

BOTH = "both"


@click.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([*(kind.value for kind in Texting), BOTH]),
    required=True,
    help="Which kind of texting stops, where a row does not say it.",
)
@click.option("--source", required=True, help="Where the requests came from; kept as the proof.")
@click.option(
    "--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="phone, kind or source."
)
@click.option("--dry-run", is_flag=True, help="Check the file and record nothing.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the rows that can't be used to this CSV file.",
)
@json_option
def bring_in(
    slug: str,
    file: Path,
    kind: str,
    source: str,
    pairs: tuple[str, ...],
    dry_run: bool,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Opt out the phones of a CSV file, one a row. Run again, it adds nothing twice.

    Phones that are not in contacts are kept, so that a later import of contacts texts none of
    them. A run that was killed half-way is finished by running it again.
    """
    kinds = tuple(Texting) if kind == BOTH else (Texting(kind),)
    folder = import_files.folder_of(current_app.extensions["settings"])
    chosen = dict(pair(one) for one in pairs)
    with (
        progress(as_json) as say,
        _checked(slug, file, kinds, source, chosen, folder, say) as run,
    ):
        errors = write_rejects(run.row(), folder, rejects)
        facts = _dry(run) if dry_run else _wet(run)
    facts |= {"dry_run": dry_run, "errors": errors}
    answer(facts, _in_words(facts, rejects), as_json=as_json)


@contextmanager
def _checked(
    slug: str,
    file: Path,
    kinds: tuple[Texting, ...],
    source: str,
    chosen: dict[str, str],
    folder: Path,
    say: Any,
) -> Iterator[Run]:
    """An import whose rows are checked; this process holds its lock until the end."""
    find_campaign(slug)
    table = imports.open_table(file)
    with transaction():
        campaign = find_campaign(slug)
        optout_imports.end_killed(campaign.id, folder, now=utc_now())
        row = optout_imports.begin(
            campaign,
            kinds,
            source,
            table,
            file_name=file.name,
            folder=folder,
            by=None,
            now=utc_now(),
        )
        matched = optout_columns.merged(dict(row.mapping), chosen, table.shape.headings)
        optout_imports.match(row, matched, folder)
        import_id = row.id
    _warn_of_yes_or_no(optout_columns.yes_or_no(table.shape.headings, matched))
    with checked_rows(import_id, folder, say) as run:
        yield run


def _warn_of_yes_or_no(headings: list[str]) -> None:
    """Say on standard error that a column which may say no in some rows is not read."""
    for heading in headings:
        click.echo(
            f"Every row of this file is opted out: the column “{heading}” is not read. "
            "To record only the rows that say yes, use `./heed contacts import`.",
            err=True,
        )


def _wet(run: Run) -> dict[str, Any]:
    """Record the opt-outs; what it came to, from the kept counts."""
    with transaction():
        optout_imports.start(run.row(), folder=run.folder, by=None)
    row = merged(run)
    return _facts(row, row.counts)


def _dry(run: Run) -> dict[str, Any]:
    """What it would come to; the import is given up."""
    row = run.row()
    facts = _facts(row, row.counts | run.look_up())
    with transaction():
        imports.cancel(run.row(), run.folder, now=utc_now())
    return facts


def _facts(row: ContactImport, counts: dict[str, Any]) -> dict[str, Any]:
    """`imported` phones were used; `new` of them got an opt-out that they did not have."""
    new = counts["staged"] - counts.get("already", 0)
    return {
        "rows": row.rows,
        "imported": counts["staged"],
        "new": new,
        "already_opted_out": counts.get("already", 0),
        "not_in_contacts": counts["staged"] - counts.get("known", 0),
        "duplicates": counts["duplicates"],
        "rejected": counts["rejected"],
        "kinds_read": [
            {"said": said, "kinds": kinds.split(",") if kinds else [], "rows": rows}
            for said, kinds, rows in counts.get("words", [])
        ],
        "opted_out": {kind.value: counts.get(f"added_{kind.value}", 0) for kind in Texting},
        "changed": bool(new),
    }


def _in_words(facts: dict[str, Any], rejects: Path | None) -> str:
    would = "would be " if facts["dry_run"] else ""
    said = [
        f"{facts['new']:,} numbers {would}opted out ({facts['opted_out']['p2p']:,} of P2P, "
        f"{facts['opted_out']['broadcast']:,} of Broadcast); "
        f"{facts['already_opted_out']:,} had been before."
    ]
    if facts["not_in_contacts"]:
        said.append(f"{facts['not_in_contacts']:,} of them were not in contacts and are kept.")
    said.extend(_read_in_words(facts["kinds_read"]))
    said.extend(rejected_in_words(facts, rejects))
    return "\n".join(said)


def _read_in_words(kinds_read: list[dict[str, Any]]) -> Iterator[str]:
    """How each word for kinds of texting was read, those that opt nobody out first."""
    for one in kinds_read:
        read = " and ".join(one["kinds"]) if one["kinds"] else "nothing: these rows opt nobody out"
        yield f"  “{one['said']}” was read as {read} ({one['rows']:,} rows)."
