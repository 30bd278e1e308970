"""Help that can be printed."""

from webapp.blueprints.help.views import bp

__all__ = ["bp"]
