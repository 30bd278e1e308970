"""The demo phone: be a contact, text back, and see what the campaign does about it."""

from dataclasses import dataclass

from flask import Response, abort, current_app, flash, g, request, url_for

from webapp.blueprints.demo.forms import PhoneForm, TextForm
from webapp.config import Settings
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Contact, Message, Number
from webapp.services import contacts_by_phone, demo_fresh, demo_phone, marks, numbers
from webapp.services.demo_phone import Step
from webapp.texting import phones
from webapp.web.access import campaign_blueprint, for_admins
from webapp.web.htmx import render, see_other, wants_part

bp = campaign_blueprint("demo", __name__)

QUICK = (
    "STOP",
    "Please do not text me anymore",
    "STOP texting me!!",
    "Yes, I’ll vote",
    "JOIN",
)


@dataclass(frozen=True)
class Phone:
    """One practice phone, facing one of our numbers."""

    phone: str  # E.164, or "" when there is none to be
    contact: Contact | None
    number: Number | None
    texts: list[Message]
    steps: list[Step]

    @property
    def who(self) -> str:
        """How sentences call whoever holds it."""
        return self.contact.called if self.contact else phones.pretty(self.phone)

    @property
    def mark(self) -> str:
        """Changes with everything that the page shows."""
        seen = [(text.id, text.state.value) for text in self.texts]
        told = [(step.title, step.at) for step in self.steps]
        return marks.digest(repr((self.phone, seen, told)), 16)


@bp.before_request
def only_in_practice() -> None:
    """With a real carrier there is no such page."""
    settings: Settings = current_app.extensions["settings"]
    if not settings.practice:
        abort(404)


@bp.route("/demo")
@for_admins
def index() -> Response:
    return _page(_phone(request.args.get("phone", ""), request.args.get("number", "")))


@bp.route("/demo/text", methods=["POST"])
@for_admins
def text() -> Response:
    """A text from the practice phone, taken in as a webhook would be."""
    form = TextForm()
    chosen = _phone(form.phone.data or "", form.number.data or "")
    if not form.validate() or chosen.number is None or not chosen.phone:
        return _page(chosen, form=form, status=422)
    with transaction():
        demo_phone.text_in(chosen.phone, chosen.number, form.body.data, now=utc_now())
    if wants_part():
        return _page(_phone(chosen.phone, str(chosen.number.id)))
    return see_other(url_for(".index", phone=chosen.phone, number=chosen.number.id))


@bp.route("/demo/start-over", methods=["POST"])
@for_admins
def start_over() -> Response:
    """Be a new practice contact; the one before stays as it is, with every opt-out."""
    form = PhoneForm()
    before = _phone(form.phone.data or "", form.number.data or "")
    if not form.validate() or before.number is None:
        return _page(before, status=422)
    with transaction():
        made = demo_fresh.start_over(before.contact, before.number, now=utc_now())
    stays = f" {before.who} stays as before, opt-outs too." if before.contact else ""
    flash(f"You are {made.called} now, a new practice contact.{stays}")
    return see_other(url_for(".index", phone=made.phone, number=before.number.id))


@bp.route("/demo/live")
@for_admins
def live() -> Response:
    """204 while the phone and the story beside it are as they were."""
    shown = _phone(request.args.get("phone", ""), request.args.get("number", ""))
    if request.args.get("since") == shown.mark:
        return Response(status=204)
    return render("demo/_live.html", shown=shown)


def _page(shown: Phone, *, form: TextForm | None = None, status: int = 200) -> Response:
    people = demo_phone.people(g.campaign)
    return render(
        "demo/index.html",
        "demo/_sim.html",
        status=status,
        shown=shown,
        people=people,
        listeners=[one for one in demo_phone.listeners(g.campaign) if one not in people],
        numbers=numbers.all_of(g.campaign),
        error=" ".join(form.body.errors) if form else "",
        quick=QUICK,
    )


def _phone(raw: str, number_id: str) -> Phone:
    """The phone that was asked for, else the one that was heard of last.

    It faces the number that was asked for, else the one it has last texted with.
    """
    ours = numbers.all_of(g.campaign)
    phone = _read(raw)
    if not phone:
        people = demo_phone.people(g.campaign)
        phone = people[0].phone if people else ""
    contact = contacts_by_phone.find(g.campaign.id, phone)
    wanted = number_id or str(demo_phone.number_of(contact) if contact else "")
    number = next((one for one in ours if str(one.id) == wanted), ours[0] if ours else None)
    if contact is None or number is None:
        return Phone(phone, contact, number, [], [])
    texts = demo_phone.texts(contact, number)
    return Phone(phone, contact, number, texts, demo_phone.happened(contact, number, texts))


def _read(raw: str) -> str:
    """A phone as E.164, "" for none; InvalidError for what is no phone."""
    if not raw.strip():
        return ""
    reading = phones.read(raw[:40])
    if reading.e164 is None:
        raise InvalidError(f"{reading.reason}. Write it like (312) 555-0142.")
    return reading.e164
