"""Answers for the host that runs Heed."""

from webapp.blueprints.health.views import bp

__all__ = ["bp"]
