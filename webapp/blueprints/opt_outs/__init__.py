"""Data > Opt-outs: who is opted out now, the history, requests from elsewhere, the file."""

from flask import g

from webapp.blueprints.opt_outs import importing, live, proving, reviewing
from webapp.blueprints.opt_outs.views import bp
from webapp.services import possible, wrote_back
from webapp.web.context import badge

__all__ = ["bp", "importing", "live", "proving", "reviewing"]


def _possible() -> int:
    """How many texts wait for an admin's decision."""
    return possible.count(g.campaign.id)


def _wrote_back() -> int:
    """How many texts of opted-out people nobody has read."""
    return wrote_back.count(g.campaign.id)


bp.record_once(lambda state: badge(state.app, "possible", _possible))
bp.record_once(lambda state: badge(state.app, "wrote_back", _wrote_back))
