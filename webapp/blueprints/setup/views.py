"""The first run, while there is no campaign: the code, the campaign, its owner.

What was typed on one step is kept in the browser's own cookie until the last one; the password
is on the last step and is kept nowhere.
"""

from flask import Blueprint, Response, abort, request, session, url_for

from webapp.blueprints.setup.forms import FirstCampaignForm, OwnerForm, SetupCodeForm
from webapp.db import transaction, utc_now
from webapp.errors import ConflictError, InvalidError, RefusedError
from webapp.services import accounts, campaigns, first_run
from webapp.services.first_run import Wanted
from webapp.web import sessions
from webapp.web.access import public
from webapp.web.htmx import render, see_other
from webapp.web.limits import limit_setup

bp = Blueprint("setup", __name__)
CODE, CAMPAIGN = "setup_code", "setup_campaign"
STEPS = ("campaign", "time_zone", "organization")


@bp.before_request
def _only_while_there_is_no_campaign() -> Response | None:
    """404 once there is one; whoever had begun is told that somebody was quicker."""
    if not first_run.is_open():
        session.pop(CAMPAIGN, None)
        if session.pop(CODE, None):
            raise ConflictError(first_run.TAKEN)
        abort(404)
    if request.endpoint != "setup.code" and not _has_code():
        return see_other(url_for("setup.code"))
    return None


def _has_code() -> bool:
    return CODE in session and first_run.is_code(session[CODE], now=utc_now())


@bp.route("/setup", methods=["GET", "POST"])
@public
@limit_setup
def code() -> Response:
    """The code that the console shows."""
    form = SetupCodeForm()
    if request.method == "GET" and _has_code():
        return see_other(url_for("setup.campaign"))
    if form.validate_on_submit():
        try:
            session[CODE] = first_run.checked_code(form.code.data, now=utc_now())
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            return see_other(url_for("setup.campaign"))
    return render("setup/code.html", form=form)


@bp.route("/setup/campaign", methods=["GET", "POST"])
@public
def campaign() -> Response:
    """Step 1: the campaign."""
    form = FirstCampaignForm(data=session.get(CAMPAIGN))
    if form.validate_on_submit():
        typed = {name: form.data[name] for name in STEPS}
        try:
            _check(typed)
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            session[CAMPAIGN] = typed
            return see_other(url_for("setup.you"))
    return render("setup/campaign.html", form=form)


def _check(typed: dict[str, str]) -> None:
    """Refuse here what could not become a campaign; InvalidError names the field."""
    campaigns.checked_line(typed["campaign"], "campaign")
    campaigns.checked_line(typed["organization"] or typed["campaign"], "organization")
    campaigns.checked_time_zone(typed["time_zone"])


@bp.route("/setup/you", methods=["GET", "POST"])
@public
def you() -> Response:
    """Step 2: the owner. Campaign and account are made together, and they are signed in."""
    if CAMPAIGN not in session:
        return see_other(url_for("setup.campaign"))
    form = OwnerForm()
    if form.validate_on_submit():
        try:
            slug, token = _make(form)
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            sessions.start(token)
            return see_other(url_for("welcome.sending", slug=slug))
    return render("setup/you.html", form=form, campaign_name=session[CAMPAIGN]["campaign"])


def _make(form: OwnerForm) -> tuple[str, str]:
    """Make campaign and owner; returns the slug and the token of the owner's session."""
    typed = session[CAMPAIGN]
    email, name = form.email.data, form.name.data
    hashed = accounts.new_password_hash(form.password.data, email, name, typed["campaign"])
    wanted = Wanted(
        typed["campaign"], typed["organization"], typed["time_zone"], email, name, hashed
    )
    with transaction():
        made, owner = first_run.finish(session[CODE], wanted, now=utc_now())
        return made.slug, accounts.sign_in(owner, now=utc_now())
