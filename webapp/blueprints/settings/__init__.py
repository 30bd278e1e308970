"""What admins set for their campaign."""

from webapp.blueprints.settings import stop_words
from webapp.blueprints.settings.views import bp

__all__ = ["bp", "stop_words"]
