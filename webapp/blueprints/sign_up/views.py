"""Actions > Automated > Sign-up forms: making them, closing them, who signed up."""

from typing import Any

from flask import Response, current_app, flash, g, url_for

from webapp.blueprints.sign_up.forms import SignupFormForm
from webapp.config import Settings
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Number, SignupForm, Texting
from webapp.services import actions, exports, keyword_checks, sheets, signup_entries, signups
from webapp.services.numbers import NO_NUMBER
from webapp.web import downloads, queries
from webapp.web.access import campaign_blueprint, for_admins, load, me, picked
from webapp.web.forms import choices
from webapp.web.htmx import render, see_other

bp = campaign_blueprint("signup_forms", __name__)


@bp.route("/actions/automated/sign-up-forms")
@for_admins
def index() -> Response:
    """All forms."""
    rows = signup_entries.all_of(g.campaign.id)
    wrong = {one.form.id: signups.problem(one.form) for one in rows if one.form.is_open}
    return render("sign_up/index.html", rows=rows, wrong=wrong)


@bp.route("/actions/automated/sign-up-forms/new", methods=["GET", "POST"])
@for_admins
def new() -> Response:
    """Make a form; it is open at once."""
    form = _form(None)
    if form.validate_on_submit():
        try:
            with transaction():
                made = signups.make(g.campaign, **_typed(form), by=me(), now=utc_now())
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            flash(f"“{made.title}” is open. Copy its link to share it.")
            return see_other(url_for(".show", form_id=made.id))
    return render("sign_up/edit.html", form=form, shown=None)


@bp.route("/actions/automated/sign-up-forms/<int:form_id>")
@for_admins
def show(form_id: int) -> Response:
    """A form's link, and who signed up with it."""
    shown = load(SignupForm, form_id)
    before = queries.asked("before")
    entries, more = signup_entries.page(shown, before=before)
    settings: Settings = current_app.extensions["settings"]
    return render(
        "sign_up/show.html",
        shown=shown,
        number=load(Number, shown.number_id),
        link=settings.public_url + url_for("sign_up.fill_in", form_slug=shown.slug),
        problem=signups.problem(shown),
        entries=entries,
        is_first=before is None,
        before=more,
    )


@bp.route("/actions/automated/sign-up-forms/<int:form_id>/edit", methods=["GET", "POST"])
@for_admins
def edit(form_id: int) -> Response:
    """Change title, words, keyword, number; the address stays."""
    shown = load(SignupForm, form_id)
    form = _form(shown)
    if form.validate_on_submit():
        try:
            with transaction():
                changed = signups.change(shown, **_typed(form), by=me(), now=utc_now())
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            flash("Saved." if changed else "Nothing was changed.")
            return see_other(url_for(".show", form_id=shown.id))
    return render("sign_up/edit.html", form=form, shown=shown)


@bp.route("/actions/automated/sign-up-forms/<int:form_id>/close", methods=["POST"])
@for_admins
def close(form_id: int) -> Response:
    """Take nobody in any more."""
    return _set_open(form_id, False, "The form is closed. Its address says so.")


@bp.route("/actions/automated/sign-up-forms/<int:form_id>/open", methods=["POST"])
@for_admins
def open_again(form_id: int) -> Response:
    """Take people in again."""
    return _set_open(form_id, True, "The form is open.")


@bp.route("/actions/automated/sign-up-forms/<int:form_id>/export", methods=["POST"])
@for_admins
def export(form_id: int) -> Response:
    """Everybody who signed up, as CSV."""
    shown = load(SignupForm, form_id)
    with transaction():
        exports.note(g.campaign.id, "sign-ups", by=me(), now=utc_now(), about=shown)
    lines = sheets.lines(signup_entries.COLUMNS, signup_entries.rows(shown))
    return downloads.csv(lines, f"{shown.slug}.csv")


def _set_open(form_id: int, is_open: bool, said: str) -> Response:
    shown = load(SignupForm, form_id)
    with transaction():
        changed = signups.set_open(shown, is_open, by=me(), now=utc_now())
    flash(said if changed else "Nothing was changed.")
    return see_other(url_for(".show", form_id=form_id))


def _form(shown: SignupForm | None) -> SignupFormForm:
    """The form as it stands, with the keywords and numbers that can be chosen."""
    values = {"number": shown.number_id} if shown else {"keyword": "JOIN"}
    form = SignupFormForm(obj=shown, data=values)
    words = keyword_checks.opting_in(g.campaign)
    numbers = actions.numbers_for(g.campaign.id, Texting.BROADCAST)
    form.keyword.choices = choices(*((word, word) for word in words))
    form.number.choices = choices(*((number.id, number.phone) for number in numbers))
    return form


def _typed(form: SignupFormForm) -> dict[str, Any]:
    """What was typed, as services.signups takes it."""
    if not form.number.data:
        raise InvalidError(NO_NUMBER, field="number")
    return {
        "title": form.title.data or "",
        "intro": form.intro.data or "",
        "keyword": form.keyword.data or "",
        "number": picked(Number, form.number.data, field="number", otherwise=NO_NUMBER),
    }
