"""The people of a campaign and how others join them."""

from webapp.blueprints.team import people
from webapp.blueprints.team.views import bp

__all__ = ["bp", "people"]
