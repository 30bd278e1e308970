"""Home: the first page of a campaign for those who run it."""

from webapp.blueprints.home import live
from webapp.blueprints.home.views import bp

__all__ = ["bp", "live"]
