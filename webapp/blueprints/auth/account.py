"""The way to one's campaigns, and one's own account."""

from flask import Response, flash, url_for

from webapp.blueprints.auth.forms import ChangePasswordForm, PreferencesForm
from webapp.blueprints.auth.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import Campaign, Role
from webapp.services import accounts, members
from webapp.web import sessions
from webapp.web.access import for_members, me
from webapp.web.htmx import render, see_other
from webapp.web.limits import limit_guesses


@bp.route("/")
@for_members
def home() -> Response:
    """To my campaign, or the list of them (decision 19)."""
    mine = members.campaigns_of(me())
    if len(mine) == 1:
        campaign, membership = mine[0]
        return see_other(landing(campaign, membership.role))
    return render(
        "auth/campaigns.html",
        campaigns=[
            (campaign, place.role, landing(campaign, place.role)) for campaign, place in mine
        ],
    )


def landing(campaign: Campaign, role: Role) -> str:
    """Where a role lands: admins on Home, texters on Text."""
    return f"/c/{campaign.slug}/" if role.runs_campaign else f"/c/{campaign.slug}/text"


@bp.route("/me", methods=["GET", "POST"])
@for_members
def account() -> Response:
    form = PreferencesForm(obj=me())
    if form.validate_on_submit():
        try:
            with transaction():
                accounts.set_preferences(
                    me(),
                    name=form.name.data,
                    theme=form.theme.data,
                    shortcuts=form.shortcuts.data,
                    archives_on_report=form.archives_on_report.data,
                )
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            flash("Saved.")
            return see_other(url_for("auth.account"))
    return render("auth/account.html", form=form)


@bp.route("/me/password", methods=["GET", "POST"])
@for_members
@limit_guesses
def change_password() -> Response:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            _set_password(form)
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            flash("Your password is changed. Your other devices are signed out.")
            return see_other(url_for("auth.account"))
    return render("auth/password.html", form=form)


def _set_password(form: ChangePasswordForm) -> None:
    user = me()
    try:
        accounts.who(user.email, form.present.data)
    except RefusedError as refusal:
        raise InvalidError("This isn't your present password.", field="present") from refusal
    hashed = accounts.new_password_hash(form.password.data, user.email, user.name)
    with transaction():
        accounts.set_password(
            user, password_hash=hashed, keep_token=sessions.token(), by=user, now=utc_now()
        )


@bp.route("/me/sign-out-everywhere", methods=["POST"])
@for_members
def sign_out_everywhere() -> Response:
    with transaction():
        accounts.sign_out_everywhere(me(), now=utc_now())
    sessions.end()
    flash("You are signed out on all your devices.")
    return see_other(url_for("auth.login"))
