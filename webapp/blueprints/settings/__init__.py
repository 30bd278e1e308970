"""What admins set for their campaign."""

from webapp.blueprints.settings import broadcast, stop_words, system
from webapp.blueprints.settings.views import bp

__all__ = ["bp", "broadcast", "stop_words", "system"]
