"""`actions schedule|unschedule`: a broadcast that goes out at a time."""

from datetime import datetime

import click

from webapp.cli.action_facts import tell
from webapp.cli.actions import actions, ask, change
from webapp.cli.common import find_action, find_campaign, json_option
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.services import schedules


@actions.command()
@click.argument("slug")
@click.argument("action_id", metavar="ID", type=int)
@click.option("--at", "written", required=True, help="For instance 2026-05-05T16:00-05:00.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--without-opt-out-tag",
    is_flag=True,
    help="Launch although texters can't record opt-outs in a report; kept on the trail.",
)
@json_option
def schedule(
    slug: str, action_id: int, written: str, yes: bool, without_opt_out_tag: bool, as_json: bool
) -> None:
    """Let a broadcast go out by itself at a time, given with its offset from UTC.

    Safeguard is asked again at that time. Of a scheduled broadcast the time is changed.
    """
    at = _moment(written)
    action = find_action(find_campaign(slug), action_id)
    changed = action.starts_at != at or action.state.is_launched
    if changed:
        ask(action, yes, without_opt_out_tag, when=f" at {at.isoformat()}")
        with transaction():
            schedules.schedule(action, at, by=None, now=utc_now(), acknowledged=without_opt_out_tag)
    tell(action, {"changed": changed}, as_json=as_json)


@actions.command()
@click.argument("slug")
@click.argument("action_id", metavar="ID", type=int)
@json_option
def unschedule(slug: str, action_id: int, as_json: bool) -> None:
    """Take a scheduled broadcast back to draft, where it can be changed."""
    change(slug, action_id, schedules.unschedule, as_json)


def _moment(written: str) -> datetime:
    try:
        at = datetime.fromisoformat(written.strip())
    except ValueError:
        raise InvalidError(f"“{written[:40]}” is no time; write 2026-05-05T16:00-05:00.") from None
    if at.tzinfo is None:
        raise InvalidError("Give the time with its offset from UTC: 2026-05-05T16:00-05:00.")
    return at
