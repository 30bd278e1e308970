"""Report Settings: what the report of an action offers its texters."""

from webapp.blueprints.report_settings.views import bp

__all__ = ["bp"]
