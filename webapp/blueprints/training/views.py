"""Four screens, then the drill, which is completed and not passed.

The drill's answers travel in its address, so that Back works and nothing is written before the
end.
"""

from flask import Blueprint, Response, abort, flash, request, url_for

from webapp.db import transaction, utc_now
from webapp.services import accounts
from webapp.texting import drill
from webapp.web.access import for_members, me
from webapp.web.htmx import render, see_other

bp = Blueprint("training", __name__)
SCREENS = ("How it works", "They say STOP", "They say it another way", "Not an opt-out")


@bp.route("/training")
@for_members
def index() -> Response:
    return see_other(url_for(".screen", screen_number=1))


@bp.route("/training/<int:screen_number>")
@for_members
def screen(screen_number: int) -> Response:
    if screen_number > len(SCREENS):
        abort(404)
    return render("training/screen.html", screens=SCREENS, n=screen_number)


@bp.route("/training/drill", methods=["GET", "POST"])
@for_members
def practice() -> Response:
    """The next message; or with `told` what was right for the last one.

    The POST completes the training when every message has an answer, whichever it is; with
    fewer it leads back to the first that has none. A second time changes nothing.
    """
    answers = drill.read(request.values.get("answers", ""))
    kept = "".join(answers)
    if request.method == "POST":
        if len(answers) < len(drill.QUESTIONS):
            return see_other(url_for(".practice", answers=kept))
        with transaction():
            accounts.complete_training(me(), now=utc_now())
        flash("That was the training. You can look at it again under Help.")
        return see_other(url_for("auth.home"))
    told = bool(answers) and ("told" in request.args or len(answers) == len(drill.QUESTIONS))
    n = len(answers) if told else len(answers) + 1
    return render(
        "training/drill.html",
        question=drill.QUESTIONS[n - 1],
        n=n,
        of=len(drill.QUESTIONS),
        answers=kept,
        chosen=answers[-1] if told else None,
        choices=drill.WORDS,
    )
