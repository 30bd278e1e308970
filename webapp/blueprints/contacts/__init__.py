"""Contacts: search, one contact, opt-outs added and removed, imports, lists."""

from webapp.blueprints.contacts import importing, opting
from webapp.blueprints.contacts.views import bp

__all__ = ["bp", "importing", "opting"]
