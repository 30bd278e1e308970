"""Peer-to-peer actions: the list, the builder, Safeguard's review, and watching one run."""

from webapp.blueprints.actions import review, running
from webapp.blueprints.actions.views import bp

__all__ = ["bp", "review", "running"]
