"""The first run: the first campaign, and how its owner goes on."""

from webapp.blueprints.setup import welcome
from webapp.blueprints.setup.views import bp

__all__ = ["bp", "welcome"]
