"""Data > Opt-outs: who is opted out now, the history, requests from elsewhere, the file."""

from webapp.blueprints.opt_outs.views import bp

__all__ = ["bp"]
