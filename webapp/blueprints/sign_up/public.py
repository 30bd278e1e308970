"""A sign-up form as people see it: it texts nobody, and says the same to everybody."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, url_for

from webapp.blueprints.sign_up.forms import SignUpForm
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError
from webapp.models import Campaign, Number, SignupForm
from webapp.services import signups
from webapp.web.access import public
from webapp.web.htmx import render, see_other
from webapp.web.limits import limit_sign_ups

public_bp = Blueprint("sign_up", __name__)


@public_bp.route("/f/<form_slug>", methods=["GET", "POST"])
@public
@limit_sign_ups
def fill_in(form_slug: str) -> Response:
    """Name and phone. Whether the phone is known or opted out is not told (decision 29)."""
    shown = _load(form_slug)
    if not signups.is_taking(shown):
        return _closed(shown)
    form = SignUpForm()
    if form.validate_on_submit():
        names = {"first_name": form.first_name.data or "", "last_name": form.last_name.data or ""}
        try:
            with transaction():
                signups.sign_up(shown, form.phone.data, **names, now=utc_now())
        except InvalidError as refusal:
            form.refuse(refusal)
        except ConflictError:
            return _closed(shown)
        else:
            return see_other(url_for(".text_us", form_slug=form_slug))
    return render("sign_up/fill_in.html", form=form, **_around(shown))


@public_bp.route("/f/<form_slug>/text-us")
@public
def text_us(form_slug: str) -> Response:
    """The one step that is left: the keyword, with a link that opens the phone's messages."""
    shown = _load(form_slug)
    if not signups.is_taking(shown):
        return _closed(shown)
    number = db.session.get_one(Number, shown.number_id)
    # "?&body=": iOS reads what follows "&", Android what follows "?".
    link = f"sms:{number.phone}?&body={quote(shown.keyword)}"
    return render("sign_up/text_us.html", number=number, link=link, **_around(shown))


def _load(form_slug: str) -> SignupForm:
    return signups.find(form_slug) or abort(404)


def _closed(shown: SignupForm) -> Response:
    return render("sign_up/closed.html", status=410, **_around(shown))


def _around(shown: SignupForm) -> dict[str, Any]:
    campaign = db.session.get_one(Campaign, shown.campaign_id)
    return {"shown": shown, "organization": campaign.organization or campaign.name}
