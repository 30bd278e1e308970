"""Actions > Automated: keywords that Heed answers."""

from webapp.blueprints.automations import running
from webapp.blueprints.automations.views import bp

__all__ = ["bp", "running"]
