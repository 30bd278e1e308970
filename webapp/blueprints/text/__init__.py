"""First texts: a texter's actions, batches, and one card per person."""

from webapp.blueprints.text import live
from webapp.blueprints.text.views import bp

__all__ = ["bp", "live"]
