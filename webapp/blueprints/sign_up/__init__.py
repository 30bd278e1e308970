"""Hosted sign-up forms: the page that anybody may open, and the admins' pages about them."""

from webapp.blueprints.sign_up.public import public_bp
from webapp.blueprints.sign_up.views import bp

__all__ = ["bp", "public_bp"]
