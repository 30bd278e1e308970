"""What `actions` does with automated actions."""

from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import select

from webapp.db import db, transaction, utc_now
from webapp.errors import NotFoundError
from webapp.models import Action, Campaign, Tag, User
from webapp.services import automated, automations
from webapp.services.automations import Wanted


def create(
    campaign: Campaign,
    name: str,
    *,
    words: Sequence[str],
    texts: Sequence[str],
    opts_in: bool,
    tags: Sequence[str],
    texters: list[User] | None,
) -> int:
    """Make a draft that answers these keywords once it is launched; its id."""
    if not words:
        raise click.UsageError("An automated action needs --keyword.")
    if len(texts) != 1:
        raise click.UsageError("An automated action has one --script: its answer.")
    wanted = Wanted(
        name=name,
        words=words,
        answer=texts[0],
        opts_in=opts_in,
        tags=[_tag(campaign, one) for one in tags],
        texters=texters,
    )
    return automations.make(campaign, wanted, by=None, now=utc_now()).id


def turn_on(action: Action, *, acknowledged: bool) -> bool:
    """Let it answer; False when it does already."""
    with transaction():
        return automations.turn_on(action, by=None, now=utc_now(), acknowledged=acknowledged)


def facts(action: Action) -> dict[str, Any]:
    """What `actions show` adds for an automated action."""
    shown, came = automated.of(action), automated.figures(action)
    return {
        "keywords": shown.words,
        "opts_in": shown.opts_in,
        "texts_in": came.texts_in,
        "answers": came.answers,
        "opt_ins": came.opt_ins,
        "opt_outs": came.opt_outs,
    }


def in_words(action: Action, facts: dict[str, Any]) -> str:
    """The same as lines."""
    lines = [
        f"{action.name} ({action.state.value})",
        f"  answers {', '.join(facts['keywords']) or 'no keyword yet'}"
        + (", opts people in" if facts["opts_in"] else ""),
        f"  {facts['texts_in']:,} texts in, {facts['answers']:,} answers, "
        f"{facts['opt_ins']:,} opted in, {facts['opt_outs']:,} opted out",
    ]
    return "\n".join(lines)


def _tag(campaign: Campaign, name: str) -> Tag:
    found = db.session.scalars(
        select(Tag).where(
            Tag.campaign_id == campaign.id, Tag.name == name, Tag.archived_at.is_(None)
        )
    ).first()
    if found is None:
        raise NotFoundError(f"Campaign “{campaign.slug}” has no tag “{name}”.")
    return found
