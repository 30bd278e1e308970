"""Home: today's counts, running actions, what is left to set up."""

from webapp.blueprints.home.views import bp

__all__ = ["bp"]
