"""Settings > Stop words: the locked list, own additions, a tester, the replay of a new word."""

from flask import Response, flash, g, request, url_for

from webapp.blueprints.settings.forms import StopWordForm, TryForm
from webapp.blueprints.settings.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.services import stop_word_replay, stop_words
from webapp.services.stop_words import Reading
from webapp.texting import keywords
from webapp.texting.keywords import Meaning
from webapp.web.access import for_admins, me
from webapp.web.htmx import render, see_other

# How the tester says what a text is, and the look of its chip.
SAID = {
    Meaning.OPT_OUT: ("Stop word", "optout"),
    Meaning.OPT_IN: ("Opt-in keyword", "ok"),
    Meaning.HELP: ("Help", "info"),
}


@bp.route("/settings/stop-words", methods=["GET", "POST"])
@for_admins
def own_stop_words() -> Response:
    """A POST carries `do`: try (`text`), add (`word`, after the replay `anyway`), remove."""
    do = request.form.get("do", "") if request.method == "POST" else ""
    if do == "remove":
        return _remove()
    return _add() if do == "add" else _page(tried=do == "try")


def _add() -> Response:
    """Show who would have been opted out before a word is saved; nobody is, by saving it."""
    form = StopWordForm()
    if not form.validate():
        return _page(form)
    try:
        word = stop_words.checked(g.campaign, form.word.data)
        replay = stop_word_replay.of(g.campaign, word, now=utc_now())
        if not form.anyway.data and (replay.people or not replay.is_whole):
            return render("settings/stop_word_replay.html", replay=replay, form=form)
        with transaction():
            word = stop_words.add(g.campaign, word, by=me(), now=utc_now())
    except InvalidError as refusal:
        form.refuse(refusal)
        return _page(form)
    said = "" if replay.people or not replay.is_whole else " Nobody wrote it in the last 90 days."
    flash(f"{word} stops texts from now on.{said}")
    return see_other(url_for(".own_stop_words"))


def _remove() -> Response:
    form = StopWordForm()
    with transaction():
        removed = stop_words.remove(g.campaign, form.word.data or "", by=me(), now=utc_now())
    flash(
        "The word stops nothing any more. Whoever it opted out stays opted out."
        if removed
        else "It was not on the list."
    )
    return see_other(url_for(".own_stop_words"))


def _page(form: StopWordForm | None = None, *, tried: bool = False) -> Response:
    try_form = TryForm() if tried else TryForm(formdata=None)
    reading = None
    if tried and try_form.validate():
        reading = stop_words.read_as(g.campaign, try_form.text.data)
    form = form or StopWordForm(formdata=None)
    return render(
        "settings/stop_words.html",
        form=try_form if try_form.errors else form,
        word_form=form,
        try_form=try_form,
        reading=reading,
        said=_said(reading) if reading else None,
        locked=keywords.STOP_WORDS,
        own=g.campaign.stop_words,
    )


def _said(reading: Reading) -> tuple[str, str]:
    """What the tester says, and how it looks."""
    if reading.meaning is not Meaning.NONE:
        return SAID[reading.meaning]
    if reading.automation:
        return f"Keyword of “{reading.automation}”", "bc"
    if reading.is_reaction:
        return "Reaction", "outline"
    return ("Looks like a request", "warn") if reading.hint else ("Ordinary", "outline")
