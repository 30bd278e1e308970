"""Joining a campaign with its code."""

from flask import Response, flash, request, url_for

from webapp.blueprints.auth.forms import CodeForm, JoinForm
from webapp.blueprints.auth.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import NotFoundError, RefusedError
from webapp.models import Campaign, User
from webapp.services import accounts, approvals, joining
from webapp.web import sessions
from webapp.web.access import public
from webapp.web.htmx import render, see_other
from webapp.web.limits import limit_guesses


@bp.route("/join", methods=["GET", "POST"])
@public
@limit_guesses
def enter_code() -> Response:
    form = CodeForm()
    if form.validate_on_submit():
        try:
            campaign = joining.campaign_with_code(form.code.data)
        except RefusedError as refusal:
            form.code.errors = [str(refusal)]
        else:
            return see_other(url_for("auth.join", code=campaign.join_code))
    return render("auth/code.html", form=form)


@bp.route("/join/<code>", methods=["GET", "POST"])
@public
@limit_guesses
def join(code: str) -> Response:
    try:
        campaign = joining.campaign_with_code(code)
    except RefusedError as refusal:
        form = CodeForm(formdata=None, data={"code": code[:20]})
        form.code.errors = [str(refusal)]
        status = 404 if isinstance(refusal, NotFoundError) else 409
        return render("auth/code.html", form=form, status=status)
    return _join_as_member(campaign) if sessions.person() else _join_as_stranger(campaign)


def _join_as_member(campaign: Campaign) -> Response:
    """Somebody with an account confirms with one button."""
    person = sessions.person()
    assert person is not None
    if request.method == "GET":
        return render("auth/join_member.html", joined=campaign)
    with transaction():
        joining.join(campaign.join_code, person, now=utc_now())
    return _welcome(campaign, person.id, is_trained=person.trained_at is not None)


def _join_as_stranger(campaign: Campaign) -> Response:
    """Somebody new makes an account and is in."""
    form = JoinForm()
    if form.validate_on_submit():
        try:
            user, token = _make_account(campaign, form)
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            sessions.start(token)
            return _welcome(campaign, user.id, is_trained=False)
    return render("auth/join.html", form=form, joined=campaign)


def _make_account(campaign: Campaign, form: JoinForm) -> tuple[User, str]:
    email, name = form.email.data, form.name.data
    hashed = accounts.new_password_hash(form.password.data, email, name, campaign.name)
    now = utc_now()
    with transaction():
        user = accounts.create(email, name, password_hash=hashed, now=now)
        joining.join(campaign.join_code, user, now=now)
        return user, accounts.sign_in(user, now=now)


def _welcome(campaign: Campaign, user_id: int, *, is_trained: bool) -> Response:
    """To the training, unless they have been through it."""
    waits = approvals.is_waiting(campaign.id, user_id)
    then = " An admin has to approve you before you can text." if waits else ""
    flash(f"You are in. Welcome to {campaign.name}.{then}")
    return see_other(f"/c/{campaign.slug}/text" if is_trained else "/training")
