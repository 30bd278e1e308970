"""Peer-to-peer actions and broadcasts: the lists, the builder, Safeguard's review, running."""

from webapp.blueprints.actions import answers, broadcasts, lists_live, review, running, sending
from webapp.blueprints.actions.views import bp

__all__ = ["answers", "bp", "broadcasts", "lists_live", "review", "running", "sending"]
