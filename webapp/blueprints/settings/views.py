"""Settings: the campaign, its texting, its numbers."""

from flask import Response, current_app, flash, g, request, url_for

from webapp.blueprints.settings.forms import CampaignForm, NumberForm, TextingForm
from webapp.db import transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Answerer, Number, NumberKind, Texting
from webapp.services import campaigns, channel_gap, fallbacks, numbers
from webapp.web.access import campaign_blueprint, for_admins, load, me
from webapp.web.htmx import render, see_other

bp = campaign_blueprint("settings", __name__)


@bp.route("/settings")
@for_admins
def index() -> Response:
    return see_other(url_for(".campaign"))


@bp.route("/settings/campaign", methods=["GET", "POST"])
@for_admins
def campaign() -> Response:
    form = CampaignForm(obj=g.campaign)
    if form.validate_on_submit() and _save(form):
        return see_other(url_for(".campaign"))
    return render("settings/campaign.html", form=form)


@bp.route("/settings/texting", methods=["GET", "POST"])
@for_admins
def texting() -> Response:
    words = {name: g.campaign.fallbacks.get(name, "") for name in fallbacks.USUAL}
    words["fallbacks"] = fallbacks.written(g.campaign)
    kept = {name: getattr(g.campaign, name) for name in TextingForm.OF_CAMPAIGN}
    form = TextingForm(data=kept | words)
    if form.validate_on_submit() and _save(form):
        return see_other(url_for(".texting"))
    gap = {kind: channel_gap.count(g.campaign.id, kind) for kind in Texting}
    return render("settings/texting.html", form=form, rule=_rule(), gap=gap)


def _rule() -> str:
    """When texts leave, in words."""
    hours = g.campaign.hours
    if hours.always:
        return "Texts leave at any time of the day, anywhere."
    opens, closes = (_clock(minute) for minute in (hours.opens, hours.closes))
    return (
        f"Texts leave from {opens} to {closes}, by your clock ({g.campaign.time_zone}) and by the "
        "contact’s: the state’s if we know it, else every zone of the area code. Where neither is "
        "known, from noon to 8 pm Eastern."
    )


def _clock(minute: int) -> str:
    hour, rest = divmod(minute % (24 * 60), 60)
    if (hour, rest) in ((0, 0), (12, 0)):
        return "noon" if hour else "midnight"
    return f"{hour % 12 or 12}{f':{rest:02}' if rest else ''} {'am' if hour < 12 else 'pm'}"


def _save(form: CampaignForm | TextingForm) -> bool:
    """Set what the form holds; False when it was refused, with the reason at its field."""
    try:
        with transaction():
            changed = campaigns.change(g.campaign, **form.values, by=me(), now=utc_now())
    except RefusedError as refusal:
        form.refuse(refusal)
        return False
    flash("Saved." if changed else "Nothing was changed.")
    return True


@bp.route("/settings/numbers", methods=["GET", "POST"])
@for_admins
def phone_numbers() -> Response:
    default = Answerer.HEED if current_app.extensions["settings"].practice else Answerer.CARRIER
    form = NumberForm(data={"confirmation_by": default.value, "help_by": default.value})
    if form.validate_on_submit():
        try:
            with transaction():
                _, changed = numbers.add(
                    g.campaign,
                    form.phone.data,
                    NumberKind(form.kind.data),
                    confirmation_by=Answerer(form.confirmation_by.data),
                    help_by=Answerer(form.help_by.data),
                    rate=form.rate.data,
                    usual_rate=form.rate.data is None,
                    by=me(),
                    now=utc_now(),
                )
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            flash("Saved." if changed else "This number is here already.")
            return see_other(url_for(".phone_numbers"))
    every, usual = numbers.all_of(g.campaign), current_app.extensions["settings"].sending_rate
    return render("settings/numbers.html", form=form, numbers=every, usual_rate=usual)


@bp.route("/settings/numbers/<int:number_id>/retire", methods=["GET", "POST"])
@for_admins
def retire_number(number_id: int) -> Response:
    number = load(Number, number_id)
    if request.method == "GET":
        return render("settings/retire_number.html", number=number)
    with transaction():
        numbers.retire(number, by=me(), now=utc_now())
    flash("No new action can use this number. Those that run keep it until they are finished.")
    return see_other(url_for(".phone_numbers"))
