"""The list of tags, a new one, changing and archiving."""

from typing import Any

from flask import Response, flash, g, request, url_for

from webapp.blueprints.tags.forms import TagForm
from webapp.db import transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Event, Tag, Texting
from webapp.services import numbers, overview, tags, trail
from webapp.texting import names, phones
from webapp.web.access import campaign_blueprint, for_admins, load, me
from webapp.web.htmx import part_or_redirect, render, see_other, wants_part

bp = campaign_blueprint("tags", __name__)
INVITED_BY = "JOIN"  # the opt-in keyword that needs no explaining


@bp.route("/data/tags", methods=["GET", "POST"])
@for_admins
def index() -> Response:
    form = TagForm()
    if form.validate_on_submit():
        try:
            with transaction():
                made = tags.create(g.campaign, **_typed(form), by=me(), now=utc_now())
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            said = f"“{made.name}” is ready. Add it to an action in Report Settings."
            if not wants_part():
                flash(said)
            fresh = TagForm(formdata=None)
            return part_or_redirect(
                "tags/_tags.html", url_for(".index"), **_list(), form=fresh, said=said
            )
    return render("tags/index.html", "tags/_tags.html", **_list(), form=form)


@bp.route("/data/tags/<int:tag_id>", methods=["GET", "POST"])
@for_admins
def edit(tag_id: int) -> Response:
    tag = load(Tag, tag_id)
    if tag.is_built_in:
        return _locked(tag)
    form = TagForm(obj=tag)
    if form.validate_on_submit():
        try:
            with transaction():
                tags.rename(tag, **_typed(form), by=me(), now=utc_now())
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            flash(f"“{tag.name}” is saved.")
            return see_other(url_for(".index"))
    return render("tags/edit.html", form=form, tag=tag)


@bp.route("/data/tags/<int:tag_id>/archive", methods=["POST"])
@for_admins
def archive(tag_id: int) -> Response:
    tag = load(Tag, tag_id)
    if tag.is_built_in:
        return _locked(tag)
    with transaction():
        tags.archive(tag, by=me(), now=utc_now())
    flash(f"“{tag.name}” is archived. Past reports keep it.")
    return see_other(url_for(".index"))


def _typed(form: TagForm) -> dict[str, Any]:
    """What was typed, as services.tags takes it."""
    return {
        "name": form.name.data,
        "description": form.description.data or "",
        "understood": form.understood.data,
    }


def _locked(tag: Tag) -> Response:
    """A built-in tag can be read; every try to change it is refused and kept on the trail."""
    tried = request.method == "POST"
    if tried:
        with transaction():
            trail.record(
                Event.TAG_CHANGE_REFUSED,
                campaign_id=g.campaign.id,
                by=me(),
                now=utc_now(),
                about=tag,
            )
    comes_back = _comes_back()
    return render(
        "tags/locked.html",
        tag=tag,
        tried=tried,
        comes_back=comes_back,
        status=409 if tried else 200,
    )


def _list() -> dict[str, Any]:
    """The built-in tags first, then the campaign's own, narrowed by the search."""
    search = request.args.get("q", "").strip()
    every = tags.all_of(g.campaign.id)
    own = [tag for tag in every if not tag.is_built_in]
    wanted = names.fold(search)
    return {
        "built_in": [tag for tag in every if tag.is_built_in],
        "own": [tag for tag in own if wanted in tag.folded_name],
        "all_own": len(own),
        "search": search,
        "in_actions": overview.actions_showing(g.campaign.id),
        "last_used": overview.last_used(g.campaign.id),
        "comes_back": _comes_back(),
    }


def _comes_back() -> dict[str, Any]:
    """How a contact takes off Opt Out (Broadcast): the words, and the number they go to."""
    serving = [one for one in numbers.all_of(g.campaign) if Texting.BROADCAST in one.kind.serves]
    return {
        "keywords": [INVITED_BY, *g.campaign.opt_in_words] if serving else [],
        "number": phones.pretty(serving[0].phone) if len(serving) == 1 else "a broadcast number",
    }
