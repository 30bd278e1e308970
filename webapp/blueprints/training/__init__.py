"""What a new texter should know, in four screens and five messages."""

from webapp.blueprints.training.views import bp

__all__ = ["bp"]
