"""How the owner goes on after the first run: the number to text from, and where to begin."""

from flask import Response, abort, current_app, flash, g, url_for

from webapp.blueprints.setup.forms import FirstNumberForm
from webapp.config import Settings
from webapp.db import transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Answerer, NumberKind
from webapp.services import demo_script, numbers, sample, today
from webapp.texting import phones
from webapp.web.access import campaign_blueprint, for_owners, me
from webapp.web.htmx import render, see_other

bp = campaign_blueprint("welcome", __name__)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


@bp.route("/welcome/sending", methods=["GET", "POST"])
@for_owners
def sending() -> Response:
    """Step 3: practice, or the carrier that the server's settings name; and the first number."""
    practice = _settings().practice
    form = FirstNumberForm(data={"phone": phones.pretty(demo_script.NUMBER)} if practice else None)
    if form.validate_on_submit():
        answerer = Answerer.HEED if practice else Answerer.CARRIER
        try:
            with transaction():
                numbers.add(
                    g.campaign,
                    form.phone.data,
                    NumberKind.BOTH,
                    confirmation_by=answerer,
                    help_by=answerer,
                    by=me(),
                    now=utc_now(),
                )
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            return see_other(url_for(".done"))
    return render(
        "setup/sending.html",
        form=form,
        numbers=numbers.all_of(g.campaign),
        provider=_settings().sms_provider,
    )


@bp.route("/welcome")
@for_owners
def done() -> Response:
    """Step 4: what was made, and where to begin."""
    return render("setup/done.html", set_up=today.set_up(g.campaign.id))


@bp.route("/welcome/sample", methods=["POST"])
@for_owners
def load_sample() -> Response:
    """Sample people and an action to practise with; only where nothing reaches a real phone."""
    if not _settings().practice:
        abort(404)
    sample.fill(g.campaign.id, now=utc_now(), unit=transaction)
    flash("The sample data is here. Text as one of the people, and watch what Heed does.")
    return see_other(url_for("demo.index"))
