"""One person of the team: role, reset link, removal, ownership."""

from flask import Response, flash, g, request, url_for

from webapp.blueprints.team.forms import MoveForm, RoleForm
from webapp.blueprints.team.views import bp, public_url
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import Role
from webapp.services import approvals, handing_over, members, origins, team
from webapp.web import queries
from webapp.web.access import for_admins, for_owners, me
from webapp.web.htmx import render, see_other


@bp.route("/team/<int:user_id>", methods=["GET", "POST"])
@for_admins
def person(user_id: int) -> Response:
    """A person and their role."""
    found = members.find(g.campaign, user_id)
    form = RoleForm(data={"role": found.membership.role.value})
    if form.validate_on_submit():
        try:
            with transaction():
                role = Role(form.role.data)
                team.change_role(g.campaign, user_id, role, by=me(), now=utc_now())
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            flash(f"{found.user.name} is {'an admin' if role is Role.ADMIN else 'a texter'} now.")
            return see_other(url_for(".index"))
    return render("team/person.html", form=form, person=found, origin=origins.of(found.user))


@bp.route("/team/<int:user_id>/approve", methods=["POST"])
@for_admins
def approve(user_id: int) -> Response:
    """Let somebody text who waits for it; twice does no harm."""
    with transaction():
        approved = approvals.approve(g.campaign, user_id, by=me(), now=utc_now())
    name = members.find(g.campaign, user_id).user.name
    flash(f"{name} can text now." if approved else f"{name} was approved already.")
    return see_other(url_for(".index"))


@bp.route("/team/<int:user_id>/reset-link", methods=["POST"])
@for_admins
def reset_link(user_id: int) -> Response:
    """The link is shown once, to be handed on."""
    with transaction():
        token = team.make_reset_link(g.campaign, user_id, by=me(), now=utc_now())
    link = public_url(url_for("auth.reset", token=token))
    found = members.find(g.campaign, user_id)
    return render("team/link.html", person=found.user, link=link, is_new=False)


@bp.route("/team/<int:user_id>/remove", methods=["GET", "POST"])
@for_admins
def remove(user_id: int) -> Response:
    """Ask first, on a page of its own."""
    if request.method == "GET":
        return render("team/remove.html", person=members.find(g.campaign, user_id))
    with transaction():
        user = team.remove(g.campaign, user_id, by=me(), now=utc_now())
    flash(f"{user.name} is no longer in the campaign.")
    return see_other(url_for(".index"))


@bp.route("/team/<int:user_id>/hand-over", methods=["GET", "POST"])
@for_owners
def hand_over(user_id: int) -> Response:
    """Make somebody else the owner; asked first, because only they can give it back."""
    if request.method == "GET":
        return render("team/hand_over.html", person=members.find(g.campaign, user_id))
    with transaction():
        user = team.hand_over(g.campaign, user_id, by=me(), now=utc_now())
    flash(f"{user.name} owns this campaign now. You are an admin.")
    return see_other(url_for(".index"))


@bp.route("/team/<int:user_id>/conversations", methods=["GET", "POST"])
@for_admins
def conversations(user_id: int) -> Response:
    """The open conversations of one person, to be given to somebody else: some of them, or all."""
    found = members.find(g.campaign, user_id)
    form = MoveForm()
    if form.validate_on_submit():
        try:
            _move(form, user_id)
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            return see_other(url_for(".conversations", user_id=user_id))
    after = queries.asked("after") or 0
    threads, more = handing_over.page(g.campaign, user_id, after=after)
    return render(
        "team/conversations.html",
        form=form,
        person=found.user,
        threads=threads,
        count=handing_over.count_open(g.campaign, user_id),
        people=[one.user for one in members.people(g.campaign) if one.user.id != user_id],
        is_first=not after,
        after=more,
    )


def _move(form: MoveForm, user_id: int) -> None:
    to = members.receiver(g.campaign, form.to.data)
    if form.all.data:
        chosen = handing_over.open_of(g.campaign, user_id)
    else:
        chosen = handing_over.marked(g.campaign, form.ids.data or [], of_texter=user_id)
    with transaction():
        moved = handing_over.reassign(g.campaign, chosen, to, by=me(), now=utc_now())
    name = to.name if to else "nobody"
    flash(f"{moved} {'conversation' if moved == 1 else 'conversations'} moved to {name}.")
