"""Data > Reports: what texters recorded, and correcting it."""

from webapp.blueprints.reports.views import bp

__all__ = ["bp"]
