"""`backup` and `restore`: a running installation in one file, and back."""

from pathlib import Path
from typing import Any

import click

from webapp import config
from webapp.cli import copies, restoring
from webapp.cli.common import answer, json_option
from webapp.config import Settings

FILE = click.Path(dir_okay=False, path_type=Path)
# What is missing without the old database; the rest depends on the carrier.
LOST = "No database could be read here: "
RESTORED = "The replaced database was restored from a backup, too, and had not caught up: "
RECORDED = "opt-outs that texters and admins recorded since the backup are unknown, "
LISTED = (
    "and so are broadcasts and actions launched since: they are drafts here, or gone, and who got "
    "them may be texted again when they are launched again."
)
UNLISTED = (
    "and so is who was texted since: they may be texted again. Look before you resume an action."
)


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace a file of this name.")
@json_option
def backup(file: Path, force: bool, as_json: bool) -> None:
    """Write everything into one FILE, while Heed runs.

    The database as it is at this moment, the secret key if Heed made it itself, and uploads that
    wait for their import. Whoever has the file can read every number in it: it is made readable
    for you alone. Where HEED_SECRET_KEY is set, keep that key beside it.
    """
    settings = config.load()
    file = file.absolute()
    manifest = copies.back_up(settings, file, force=force)
    has_key = copies.KEY in manifest.parts
    facts = {
        "file": str(file),
        "bytes": file.stat().st_size,
        "made_at": manifest.made_at,
        "schema": manifest.schema,
        "secret_key": has_key,
        "parts": list(manifest.parts),
    }
    key = "" if has_key else " HEED_SECRET_KEY is not in it: keep it beside the backup."
    said = f"The backup is in {file} ({facts['bytes']:,} bytes).{key}"
    answer(facts, said, as_json=as_json)


@click.command()
@click.argument("file", type=FILE)
@click.option("--yes", "replaces", is_flag=True, help="Replace what is there; it is kept aside.")
@click.option("--replaced", metavar="URL", help="PostgreSQL: the database it takes the place of.")
@json_option
def restore(file: Path, replaces: bool, replaced: str | None, as_json: bool) -> None:
    """Put the backup in FILE in place of what is there. Heed has to be stopped.

    A backup is older than what happened since, so nothing leaves by itself afterwards: texts that
    were on their way are `unknown`, running actions are paused, planned broadcasts are drafts
    again, everybody signs in anew. Opt-outs, erasures and first texts of the database that is
    replaced are carried over if it can be read; with Twilio, what people have texted since is
    fetched before anything is sent, and without the old database whom Heed has texted, too.
    """
    settings = config.load()
    url = config.database_url(replaced, settings.instance) if replaced else None
    facts = restoring.restore(settings, file.absolute(), replaces=replaces, replaced_url=url)
    covered, missing = _coverage(settings, facts)
    facts |= {"covered": covered, "not_covered": missing}
    answer(facts, _in_words(facts), as_json=as_json)


def _coverage(settings: Settings, facts: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What is known of the time since the backup, and what is not."""
    covered, missing = [], []
    by_twilio = settings.sms_provider == "twilio"
    is_read = facts["replaced_database_read"]
    is_lost = not is_read or (by_twilio and not facts["replaced_database_caught_up"])
    if is_read:
        covered.append(
            "The replaced database: every opt-out, erasure and first text in it was carried over."
        )
    if is_lost:
        missing.append(
            (RESTORED if is_read else LOST) + RECORDED + (LISTED if by_twilio else UNLISTED)
        )
    if by_twilio:
        covered.append(
            "What people texted since the backup: it is fetched from Twilio when Heed starts, and "
            "nothing is sent before that is done."
        )
    if by_twilio and is_lost:
        covered.append(
            "Whom Heed texted since the backup: nobody on Twilio's list gets a first text again. "
            "Where it cannot be told of which action a text was, it is unknown in each, and an "
            "admin decides."
        )
    if settings.sms_provider == "telnyx" and is_lost:
        missing.append(
            "Telnyx keeps no list of incoming texts: a STOP texted since the backup is unknown. "
            "Bring in an export of your own with `./heed optouts import` before you resume."
        )
    return covered, missing


def _in_words(facts: dict[str, Any]) -> str:
    made_at = facts["made_at"][:16].replace("T", " ")
    lines = [
        f"The backup of {made_at} UTC is in place.",
        f"Held: {facts['texts_held']:,} texts that were on their way are unknown, "
        f"{facts['actions_paused']:,} actions are paused, "
        f"{facts['broadcasts_kept_back']:,} planned broadcasts are drafts again.",
        f"Carried over: {facts['opt_outs_carried_over']:,} opt-outs, "
        f"{facts['erased_again']:,} erasures, {facts['texts_carried_over']:,} first texts.",
        *(
            [f"Launched since, and drafts here (each says so): {facts['launched_since']:,}."]
            if facts["launched_since"]
            else []
        ),
        *(f"Covered: {line}" for line in facts["covered"]),
        *(f"NOT covered: {line}" for line in facts["not_covered"]),
        *(f"Kept aside: {name}" for name in facts["kept_aside"]),
        "Everybody signs in again. Start Heed, then look at each paused action before you resume.",
    ]
    return "\n".join(lines)
