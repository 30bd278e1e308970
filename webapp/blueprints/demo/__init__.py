"""The demo phone of practice mode."""

from webapp.blueprints.demo.views import bp

__all__ = ["bp"]
