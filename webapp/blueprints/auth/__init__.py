"""Signing in and out, joining a campaign, one's own account."""

from webapp.blueprints.auth import account, joining
from webapp.blueprints.auth.views import bp

__all__ = ["account", "bp", "joining"]
