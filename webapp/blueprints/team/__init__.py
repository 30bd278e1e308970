"""The people of a campaign and how others join them."""

from flask import g

from webapp.blueprints.team import people
from webapp.blueprints.team.views import bp
from webapp.services import approvals
from webapp.web.context import badge

__all__ = ["bp", "people"]


def _waiting() -> int:
    """How many people wait for an admin's approval."""
    return approvals.count(g.campaign.id)


bp.record_once(lambda state: badge(state.app, "approvals", _waiting))
