"""`actions create|preview|launch|pause|resume|finish|show`; schedules are in `schedules`."""

import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import click
from sqlalchemy import select

from webapp.cli import automating
from webapp.cli.action_facts import day, tell
from webapp.cli.common import answer, find_action, find_campaign, find_member, json_option
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, NotFoundError, RefusedError
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    Campaign,
    ContactList,
    User,
)
from webapp.services import actions as rules
from webapp.services import audience, launches, report_settings, scripts
from webapp.texting.spans import Span


@click.group()
def actions() -> None:
    """Texting efforts: make one, preview it, launch it, watch it."""


@actions.command()
@click.argument("slug")
@click.option("--kind", type=click.Choice([kind.value for kind in ActionKind]), required=True)
@click.option("--name", required=True)
@click.option("--list", "lists", multiple=True, help="A list's name; repeatable.")
@click.option("--script", "texts", required=True, multiple=True, help="First text; repeatable.")
@click.option("--texters", default="all", help="“all”, or emails with commas between them.")
@click.option("--keyword", "words", multiple=True, help="Automated: what it answers; repeatable.")
@click.option("--opts-in", is_flag=True, help="Automated: its keywords opt people in.")
@click.option("--tag", "tags", multiple=True, help="Automated: a tag that it adds; repeatable.")
@click.option("--from", "first", metavar="DAY", help="P2P: its first day, like 2026-12-01.")
@click.option("--until", "last", metavar="DAY", help="P2P: its last day.")
@json_option
def create(
    slug: str,
    kind: str,
    name: str,
    lists: tuple[str, ...],
    texts: tuple[str, ...],
    texters: str,
    first: str | None,
    last: str | None,
    as_json: bool,
    **automated: Any,
) -> None:
    """Make a draft of an action in campaign SLUG and print its id.

    Before its first day and after its last, on the campaign's clock, no first text leaves.
    """
    days = Span(day(first), day(last))
    if days != Span() and kind != ActionKind.P2P.value:
        raise click.UsageError("Only a peer-to-peer action has a first and a last day.")
    if kind == ActionKind.AUTOMATED.value:
        with transaction():
            campaign = find_campaign(slug)
            chosen = _texters(campaign, texters)
            action_id = automating.create(campaign, name, texts=texts, texters=chosen, **automated)
        answer({"id": action_id, "changed": True}, str(action_id), as_json=as_json)
        return
    if not lists:
        raise click.UsageError("Missing option '--list'.")
    with transaction():
        campaign = find_campaign(slug)
        made = rules.draft(campaign, ActionKind(kind), name, by=None, now=utc_now())
        rules.set_details(made, name=name, texters=_texters(campaign, texters), days=days)
        audience.choose(made, [_list(campaign, one) for one in lists])
        scripts.set_scripts(made, texts)
        action_id = made.id
    answer({"id": action_id, "changed": True}, str(action_id), as_json=as_json)


@actions.command()
@click.argument("slug")
@click.argument("action_id", metavar="ID", type=int)
@json_option
def preview(slug: str, action_id: int, as_json: bool) -> None:
    """What Safeguard says of an action's audience; of a launched one, its receipt."""
    action = find_action(find_campaign(slug), action_id)
    tell(action, {}, as_json=as_json)


@actions.command()
@click.argument("slug")
@click.argument("action_id", metavar="ID", type=int)
@json_option
def show(slug: str, action_id: int, as_json: bool) -> None:
    """The state of an action and its counts, which add up to the total."""
    action = find_action(find_campaign(slug), action_id)
    tell(action, {}, as_json=as_json)


@actions.command()
@click.argument("slug")
@click.argument("action_id", metavar="ID", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--without-opt-out-tag",
    is_flag=True,
    help="Launch although texters can't record opt-outs in a report; kept on the trail.",
)
@json_option
def launch(slug: str, action_id: int, yes: bool, without_opt_out_tag: bool, as_json: bool) -> None:
    """Launch an action and wait until Safeguard has sorted its whole audience.

    A launch that was interrupted goes on where it stopped, and an action that was launched before
    is left as it is. One that is finished is refused. An automated action is turned on.
    """
    action = find_action(find_campaign(slug), action_id)
    if action.state is ActionState.FINISHED:
        raise ConflictError(f"“{action.name}” is finished and can't be launched again.")
    if action.kind is ActionKind.AUTOMATED:
        turned_on = automating.turn_on(action, acknowledged=without_opt_out_tag)
        tell(action, {"changed": turned_on}, as_json=as_json)
        return
    changed = action.state is ActionState.LAUNCHING
    if not action.state.is_launched:
        ask(action, yes, without_opt_out_tag)
        changed = _launch(action, acknowledged=without_opt_out_tag)
    if action.state is ActionState.LAUNCHING:
        _sort_all(action)
    tell(action, {"changed": changed}, as_json=as_json)


@actions.command()
@click.argument("slug")
@click.argument("action_id", metavar="ID", type=int)
@json_option
def pause(slug: str, action_id: int, as_json: bool) -> None:
    """Stop an action's first texts at once."""
    change(slug, action_id, rules.pause, as_json)


@actions.command()
@click.argument("slug")
@click.argument("action_id", metavar="ID", type=int)
@click.option("--reason", default="", help="Why it may go on after Heed paused it by itself.")
@json_option
def resume(slug: str, action_id: int, reason: str, as_json: bool) -> None:
    """Let an action's first texts leave again.

    After Heed paused it, because too many people opted out, --reason is needed; it is kept on
    the trail, and opt-outs are counted anew.
    """
    change(slug, action_id, partial(rules.resume, reason=reason), as_json)


@actions.command()
@click.argument("slug")
@click.argument("action_id", metavar="ID", type=int)
@json_option
def finish(slug: str, action_id: int, as_json: bool) -> None:
    """End an action for good; texts that are still queued are cancelled."""
    change(slug, action_id, rules.finish, as_json)


def change(slug: str, action_id: int, how: Callable[..., bool], as_json: bool) -> None:
    """Take an action from one state to another, and print it."""
    now: datetime = utc_now()
    with transaction():
        action = find_action(find_campaign(slug), action_id)
        changed = how(action, by=None, now=now)
    tell(action, {"changed": changed}, as_json=as_json)


def ask(action: Action, yes: bool, acknowledged: bool, *, when: str = "") -> None:
    """Before a launch: ask on a terminal; elsewhere --yes has to say it."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise RefusedError("Nobody can be asked here. Add --yes to launch.")
    ready = launches.preview(action).ready
    warning = ""
    if not acknowledged and not report_settings.has_opt_out_tag(action):
        warning = " Texters can't record opt-outs in it."
    if not click.confirm(f"Launch “{action.name}”{when} to {ready:,} people?{warning}", err=True):
        raise RefusedError("Nothing was launched.")


def _launch(action: Action, *, acknowledged: bool) -> bool:
    """Begin the launch; False when somebody else did so at the same moment."""
    try:
        with transaction():
            launches.launch(action, by=None, now=utc_now(), acknowledged=acknowledged)
    except ConflictError:
        db.session.refresh(action)
        if not action.state.is_launched:
            raise
        return False
    return True


def _sort_all(action: Action) -> None:
    """Every chunk in a transaction of its own, with a bar on a terminal."""
    action_id = action.id
    with click.progressbar(
        length=audience.size(action),
        label="Safeguard",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        more, done = True, 0
        while more:
            with transaction():
                more = launches.sort_chunk(db.session.get_one(Action, action_id), now=utc_now())
            total = db.session.get_one(ActionTally, action_id).total
            bar.update(total - done)
            done = total


def _list(campaign: Campaign, name: str) -> ContactList:
    found = db.session.scalars(
        select(ContactList).where(
            ContactList.campaign_id == campaign.id,
            ContactList.name == name,
            ContactList.archived_at.is_(None),
        )
    ).first()
    if found is None:
        raise NotFoundError(f"Campaign “{campaign.slug}” has no list “{name}”.")
    return found


def _texters(campaign: Campaign, written: str) -> list[User] | None:
    if written.strip().lower() == "all":
        return None
    emails = [email.strip() for email in written.split(",") if email.strip()]
    return [find_member(campaign, email)[0] for email in emails]
