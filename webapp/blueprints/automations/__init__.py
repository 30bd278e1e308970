"""Actions > Automated: keywords that Heed answers."""

from webapp.blueprints.automations import live, running
from webapp.blueprints.automations.views import bp

__all__ = ["bp", "live", "running"]
