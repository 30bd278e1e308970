"""Signing in, signing out, a new password."""

from flask import Blueprint, Response, flash, request, url_for

from webapp.blueprints.auth.forms import NewPasswordForm, SignInForm
from webapp.db import transaction, utc_now
from webapp.errors import RefusedError
from webapp.services import accounts, first_run
from webapp.web import sessions
from webapp.web.access import is_local, public
from webapp.web.htmx import render, see_other
from webapp.web.limits import limit_guesses, limit_sign_in

bp = Blueprint("auth", __name__)


@bp.route("/login", methods=["GET", "POST"])
@public
@limit_sign_in
def login() -> Response:
    if request.method == "GET" and sessions.person() is not None:
        return see_other(url_for("auth.home"))
    if request.method == "GET" and first_run.is_open():
        return see_other("/setup")  # Nobody can sign in yet.
    form = SignInForm(next=request.args.get("next"))
    if form.validate_on_submit():
        try:
            user = accounts.who(form.email.data, form.password.data)
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            renewed = accounts.renewed_hash(user, form.password.data)
            with transaction():
                token = accounts.sign_in(
                    user, renewed_hash=renewed, instead_of=sessions.token(), now=utc_now()
                )
            sessions.start(token)
            return see_other(form.next.data if is_local(form.next.data) else url_for("auth.home"))
    return render("auth/login.html", form=form)


@bp.route("/logout", methods=["POST"])
@public
def logout() -> Response:
    token = sessions.token()
    if token is not None:
        with transaction():
            accounts.sign_out(token, now=utc_now())
    sessions.end()
    flash("You are signed out.")
    return see_other(url_for("auth.login"))


@bp.route("/forgot")
@public
def forgot() -> Response:
    return render("auth/forgot.html")


@bp.route("/reset/<token>", methods=["GET", "POST"])
@public
@limit_guesses
def reset(token: str) -> Response:
    user = accounts.reset_link(token, now=utc_now())
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            hashed = accounts.new_password_hash(form.password.data, user.email, user.name)
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            with transaction():
                accounts.use_reset_link(token, password_hash=hashed, now=utc_now())
            sessions.end()
            flash("Your new password is set. Sign in with it.")
            return see_other(url_for("auth.login"))
    return render("auth/reset.html", form=form, email=user.email)
