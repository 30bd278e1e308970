"""The inbox: conversations, replies, reports."""

from flask import g

from webapp.blueprints.inbox import care, live, reporting, writing
from webapp.blueprints.inbox.places import whose
from webapp.blueprints.inbox.views import bp
from webapp.services import inbox
from webapp.web.context import badge

__all__ = ["bp", "care", "live", "reporting", "writing"]


def needs() -> int:
    """How many conversations need this person's attention; for admins, anybody's."""
    return inbox.counts(g.campaign.id, whose())[inbox.View.NEEDS]


bp.record_once(lambda state: badge(state.app, "needs", needs))
