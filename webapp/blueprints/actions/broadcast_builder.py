"""The list of broadcasts, and the first step of building one."""

from typing import Any

from flask import Response

from webapp.blueprints.actions import builder
from webapp.blueprints.actions.forms import CHOSEN, EVERYONE, OFF, PAUSE, WARN, BroadcastForm
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import Action, Texting
from webapp.services import actions, broadcasts
from webapp.web.htmx import render


def details(action: Action) -> Response:
    """Name, number, who gets the replies, and when it pauses itself."""
    form, status = details_form(action), None
    if form.validate_on_submit():
        try:
            with transaction():
                save_details(form, action)
        except RefusedError as refusal:
            status = form.refuse(refusal)
        else:
            return builder.next_step(action, ".audience")
    return render("actions/broadcast_details.html", form=form, action=action, status=status)


def details_form(action: Action | None) -> BroadcastForm:
    """The details as they stand, with the numbers and people that can be chosen."""
    form = BroadcastForm(data=_details_of(action) if action else {})
    builder.offer(form, Texting.BROADCAST)
    return form


def save_details(form: BroadcastForm, action: Action) -> None:
    """Save what was typed. A percentage is kept in thousandths: 3 is 30."""
    actions.set_details(
        action,
        name=form.name.data,
        own_replies=form.own_replies.data,
        number=builder.chosen_number(form, action),
        texters=builder.chosen_texters(form),
    )
    per_mille, after = action.pause_per_mille, action.pause_after
    if form.watch.data != OFF:
        per_mille, after = _threshold(form)
    broadcasts.set_options(
        action,
        per_mille=0 if form.watch.data == OFF else per_mille,
        after=after,
        only_warns=form.watch.data == WARN,
    )
    actions.note_saved(action, now=utc_now())


def _threshold(form: BroadcastForm) -> tuple[int, int]:
    percent, after = form.percent.data, form.after.data
    if percent is None or not 0.1 <= percent <= 100:
        raise InvalidError("Give a rate from 0.1 to 100 percent.", field="percent")
    if after is None:
        raise InvalidError("Give a number of texts.", field="after")
    return round(percent * 10), after


def _details_of(action: Action) -> dict[str, Any]:
    chosen = [] if action.all_texters else [user.id for user in actions.texters_of(action)]
    watch = WARN if action.pause_only_warns else PAUSE
    return {
        "name": action.name,
        "number": action.number_id,
        "own_replies": action.own_replies,
        "who": EVERYONE if action.all_texters else CHOSEN,
        "texters": chosen,
        "watch": watch if action.pause_per_mille else OFF,
        "percent": f"{(action.pause_per_mille or 30) / 10:g}",
        "after": action.pause_after,
    }
