"""Analytics: delivery, replies and opt-outs, by what the texts have in common."""

from webapp.blueprints.analytics.views import bp

__all__ = ["bp"]
