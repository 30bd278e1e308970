"""Settings > Broadcast: the opt-in keywords, and the text that confirms them."""

from typing import Any

from flask import Response, flash, g, request, url_for

from webapp.blueprints.settings.forms import OptInTextForm, OptInWordForm
from webapp.blueprints.settings.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Texting
from webapp.services import actions, automations, keyword_checks, opt_in_words
from webapp.texting import keywords
from webapp.texting import scripts as wording
from webapp.web.access import for_admins, me
from webapp.web.htmx import render, see_other, wants_part


@bp.route("/settings/broadcast", methods=["GET", "POST"])
@for_admins
def broadcast() -> Response:
    """Opt-in keywords and their text. A POST carries `do`: add and remove (`word`), or text."""
    if request.method == "GET":
        return _page(OptInWordForm(formdata=None), OptInTextForm(formdata=None, obj=g.campaign))
    do = request.form.get("do", "text")
    if do == "remove":
        return _remove()
    return _add() if do == "add" else _set_text()


@bp.route("/settings/broadcast/check", methods=["POST"])
@for_admins
def check_word() -> Response:
    """Whether the typed word can opt people in, said while it is typed; nothing is saved."""
    if not wants_part():
        return see_other(url_for(".broadcast"))
    typed = request.form.get("word", "")[:80]
    return render("settings/_word_check.html", **_checked(typed))


def _add() -> Response:
    form = OptInWordForm()
    if form.validate():
        try:
            with transaction():
                word = opt_in_words.add(g.campaign, form.word.data, by=me(), now=utc_now())
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            flash(f"{word} opts people in from now on.")
            return see_other(url_for(".broadcast"))
    return _page(form, OptInTextForm(formdata=None, obj=g.campaign))


def _remove() -> Response:
    word = request.form.get("word", "")
    with transaction():
        removed = opt_in_words.remove(g.campaign, word, by=me(), now=utc_now())
    flash(
        "The word opts nobody in any more. Whoever opted in with it stays opted in."
        if removed
        else "It was not on the list."
    )
    return see_other(url_for(".broadcast"))


def _set_text() -> Response:
    form = OptInTextForm()
    if form.validate():
        with transaction():
            text = form.opt_in_text.data or ""
            changed = opt_in_words.set_text(g.campaign, text, by=me(), now=utc_now())
        flash("Saved." if changed else "Nothing was changed.")
        return see_other(url_for(".broadcast"))
    return _page(OptInWordForm(formdata=None), form)


def _page(word_form: OptInWordForm, text_form: OptInTextForm) -> Response:
    own = g.campaign.opt_in_words
    letters = {keywords.normalise(word) for word in (*keywords.OPT_IN_KEYWORDS, *own)}
    every = keyword_checks.opting_in(g.campaign)
    return render(
        "settings/broadcast.html",
        form=word_form if word_form.errors else text_form,
        word_form=word_form,
        text_form=text_form,
        locked=keywords.OPT_IN_KEYWORDS,
        own=own,
        of_actions=[word for word in every if keywords.normalise(word) not in letters],
        in_use=automations.keywords_in_use(g.campaign),
        numbers=actions.numbers_for(g.campaign.id, Texting.BROADCAST),
        says_stop=wording.has_opt_out_wording(g.campaign.opt_in_text),
        **_checked(word_form.word.data or ""),
    )


def _checked(typed: str) -> dict[str, Any]:
    """What _word_check.html needs."""
    try:
        word = keyword_checks.check_opt_in_word(g.campaign, typed) if typed.strip() else ""
    except InvalidError as refusal:
        return {"word": typed, "against": str(refusal)}
    return {"word": word, "against": ""}
