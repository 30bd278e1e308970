"""What carriers call: inbound texts and delivery reports."""

from webapp.blueprints.webhooks.views import bp

__all__ = ["bp"]
