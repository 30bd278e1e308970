"""The team page: who is here, and the join code."""

from flask import Response, current_app, flash, g, request, url_for

from webapp.blueprints.team.forms import InviteForm
from webapp.config import Settings
from webapp.db import transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Role
from webapp.services import accounts, approvals, joining, members, origins, team
from webapp.web import qr
from webapp.web.access import campaign_blueprint, for_admins, me
from webapp.web.htmx import render, see_other

bp = campaign_blueprint("team", __name__)


def public_url(path: str) -> str:
    """The address of a page as people outside reach it."""
    settings: Settings = current_app.extensions["settings"]
    return settings.public_url + path


@bp.route("/team")
@for_admins
def index() -> Response:
    link = public_url(url_for("auth.join", code=g.campaign.join_code))
    invitation = (
        f"Text voters with {g.campaign.name}. Open {link} or go to {public_url('/join')} and enter "
        f"the code {g.campaign.join_code}. It takes two minutes to get ready."
    )
    return render(
        "team/index.html",
        people=members.people(g.campaign),
        waiting=approvals.waiting(g.campaign),
        join_link=link,
        join_qr=qr.of(link),
        invitation=invitation,
    )


@bp.route("/team/invite", methods=["GET", "POST"])
@for_admins
def invite() -> Response:
    form, there = InviteForm(), None
    if form.validate_on_submit():
        email, name, role = form.email.data, form.name.data, Role(form.role.data)
        try:
            with transaction():
                user, token = team.invite(
                    g.campaign, email, name, role, by=me(), now=utc_now(), asked=form.asked.data
                )
        except team.ExistingAccountError as refusal:
            form.refuse(refusal)
            there = accounts.find(email)
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            if token is not None:
                link = public_url(url_for("auth.reset", token=token))
                return render("team/link.html", person=user, link=link, is_new=True)
            flash(f"{user.name} is in the campaign and can sign in.")
            return see_other(url_for(".index"))
    return render("team/invite.html", form=form, origin=origins.of(there) if there else None)


@bp.route("/team/join-code", methods=["GET", "POST"])
@for_admins
def join_code() -> Response:
    """Ask first: the old link stops working."""
    if request.method == "GET":
        return render("team/join_code.html")
    with transaction():
        joining.new_join_code(g.campaign, by=me(), now=utc_now())
    flash("There is a new join code. The old one doesn't work any more.")
    return see_other(url_for(".index"))


@bp.route("/team/taking-texters", methods=["POST"])
@for_admins
def taking_texters() -> Response:
    is_open = request.form.get("open") == "on"
    with transaction():
        joining.open_to_texters(g.campaign, is_open, by=me(), now=utc_now())
    flash("New texters can join." if is_open else "Nobody new can join for now.")
    return see_other(url_for(".index"))


@bp.route("/team/approving", methods=["POST"])
@for_admins
def approving() -> Response:
    """Whether an admin approves those who join from now on."""
    asks = request.form.get("asks") == "on"
    with transaction():
        approvals.ask(g.campaign, asks, by=me(), now=utc_now())
    waiting = approvals.count(g.campaign.id)
    still = {0: "", 1: " 1 person still waits."}.get(waiting, f" {waiting} people still wait.")
    said = "Whoever joins waits until an admin approves them."
    flash(said if asks else f"Whoever joins can text at once.{still}")
    return see_other(url_for(".index"))
