"""Work that goes on behind the pages: thin tasks, each calling one service."""

from flask import Flask

from webapp.carriers.base import Carrier
from webapp.jobs.queue import import_soon, launch_soon, set_up

__all__ = ["carrier_of", "import_soon", "launch_soon", "set_up"]


def carrier_of(app: Flask) -> Carrier:
    """The carrier in use; one object for the whole process, it pools its connections."""
    carrier: Carrier = app.extensions["carrier"]
    return carrier
