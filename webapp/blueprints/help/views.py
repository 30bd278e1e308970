"""Two pages of help, for anybody."""

from flask import Blueprint, Response

from webapp.web.access import public
from webapp.web.htmx import render

bp = Blueprint("help", __name__)


@bp.route("/help")
@public
def index() -> Response:
    return render("help/index.html")


@bp.route("/help/opt-outs")
@public
def opt_outs() -> Response:
    return render("help/opt_outs.html")
