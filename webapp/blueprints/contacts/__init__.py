"""Contacts: search, one contact, opt-outs added and removed, imports, lists."""

from webapp.blueprints.contacts import (
    erasing,
    importing,
    live,
    opting,
    proving,
    reversing,
    tagging,
)
from webapp.blueprints.contacts.views import bp

__all__ = ["bp", "erasing", "importing", "live", "opting", "proving", "reversing", "tagging"]
