"""Data > Tags: the two built-in tags, locked, and the campaign's own."""

from webapp.blueprints.tags.views import bp

__all__ = ["bp"]
