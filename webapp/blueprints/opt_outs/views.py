"""The ledger of opt-outs; nothing here lifts one, that is done on the contact's page."""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import Response, flash, g, request, url_for

from webapp.blueprints.opt_outs.forms import RequestForm
from webapp.db import transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import OptOutSource, Texting
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import exports, ledger, ledger_history, sheets
from webapp.services.ledger import Span
from webapp.texting import phones
from webapp.web import days, downloads, paging, queries
from webapp.web.access import campaign_blueprint, for_admins, me
from webapp.web.htmx import render, see_other

bp = campaign_blueprint("opt_outs", __name__)

Choice = TypeVar("Choice", bound=StrEnum)


@bp.route("/data/opt-outs")
@for_admins
def index() -> Response:
    narrowed, span = _narrowed(), Span(*days.span())
    after = paging.decode(request.args.get("after"), datetime)
    found = ledger.current(
        g.campaign.id,
        search=narrowed["q"] or "",
        texting=narrowed["kind"],
        source=narrowed["source"],
        span=span,
        only_one_kind=bool(narrowed["only"]),
        after=after,
    )
    return render(
        "opt_outs/index.html",
        found=found,
        narrowed=narrowed,
        is_first=after is None,
        after=paging.encode(*found.after) if found.after else None,
    )


@bp.route("/data/opt-outs/history")
@for_admins
def history() -> Response:
    narrowed = _narrowed()
    before = queries.asked("before")
    found = ledger_history.page(
        g.campaign.id,
        search=narrowed["q"] or "",
        texting=narrowed["kind"],
        source=narrowed["source"],
        span=Span(*days.span()),
        before=before,
    )
    return render("opt_outs/history.html", found=found, narrowed=narrowed, is_first=before is None)


@bp.route("/data/opt-outs/new", methods=["GET", "POST"])
@for_admins
def new() -> Response:
    form = RequestForm()
    if form.validate_on_submit():
        try:
            with transaction():
                added = ledger.log_request(
                    g.campaign,
                    form.phone.data,
                    form.chosen,
                    form.source.data,
                    by=me(),
                    now=utc_now(),
                )
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            flash(_what_was_done(form.phone.data, added))
            return see_other(url_for(".index", q=form.phone.data))
    return render("opt_outs/new.html", form=form)


@bp.route("/data/opt-outs/export", methods=["POST"])
@for_admins
def export() -> Response:
    with transaction():
        exports.note(g.campaign.id, "opt-outs", by=me(), now=utc_now())
    lines = sheets.lines(exports.OPT_OUTS, exports.opt_outs(g.campaign.id))
    name = f"opt-outs-{g.campaign.slug}-{utc_now():%Y-%m-%d}.csv"
    return downloads.csv(lines, name)


def _narrowed() -> dict[str, Any]:
    """What the address narrows the list to; what makes no sense is left out."""
    return {
        "q": request.args.get("q", "").replace("\x00", "").strip()[:100] or None,
        "kind": _chosen("kind", Texting),
        "source": _chosen("source", OptOutSource),
        "only": "1" if request.args.get("only") else None,
        "start": days.asked("start"),
        "end": days.asked("end"),
    }


def _chosen(name: str, kind: type[Choice]) -> Choice | None:
    """The choice of a filter in the address; None for all, and for what is no choice."""
    value = request.args.get(name, "")
    return kind(value) if value in [choice.value for choice in kind] else None


def _what_was_done(phone: str, added: dict[Texting, bool]) -> str:
    number = phones.pretty(phones.read(phone).e164 or phone)
    fresh = [BUILT_IN_NAMES[kind] for kind, is_new in added.items() if is_new]
    if not fresh:
        return f"{number} was opted out already. The request is on the history all the same."
    return f"{number} now has {' and '.join(fresh)}. Nothing queued for them will be sent."
