"""What admins set for their campaign."""

from webapp.blueprints.settings.views import bp

__all__ = ["bp"]
