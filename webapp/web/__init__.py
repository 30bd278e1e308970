"""Glue that every page shares; imports no service."""

from flask import Flask

from webapp.config import Settings
from webapp.web import (
    access,
    assets,
    context,
    csrf,
    errors,
    filters,
    headers,
    htmx,
    limits,
    logs,
    proxies,
    sessions,
)


def set_up(app: Flask, settings: Settings) -> None:
    """Plug the shared parts into the application; the order of the checks matters.

    A request is first named for the log, then asked who it is and whether that person may
    open this page, then whether the form is ours (CSRF), then counted (limits), and only then
    is the session's last sign of life written.
    """
    logs.set_up(app, settings)
    access.set_up(app)
    csrf.set_up(app)
    limits.set_up(app)
    sessions.set_up(app)
    htmx.set_up(app)
    errors.set_up(app)
    headers.set_up(app, settings)
    filters.set_up(app)
    context.set_up(app, settings)
    assets.set_up(app)
    proxies.set_up(app, settings)
