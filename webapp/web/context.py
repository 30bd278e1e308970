"""What every template may rely on, besides what its view hands it."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g
from flask.sansio.app import App

from webapp.config import Settings
from webapp.db import utc_now

Count = Callable[[], int]


class Badges:
    """The counts beside the links of the navigation; each is asked for once, when it is shown."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def get(self, name: str, default: int = 0) -> int:
        """A count by its name; the default where nobody counts, or outside a campaign."""
        if g.get("campaign") is None or g.get("membership") is None:
            return default
        if name not in self._known:
            count: Count | None = current_app.extensions["badges"].get(name)
            self._known[name] = count() if count else default
        return self._known[name]

    def note(self, name: str, count: int) -> None:
        """Take a count from a view that has counted anyway; it is not asked for again."""
        self._known[name] = count


def badge(app: App, name: str, count: Count) -> None:
    """Let a blueprint count something for the navigation; services do the counting."""
    app.extensions["badges"][name] = count


def badges() -> Badges:
    """The counts of this page."""
    if "badges" not in g:
        g.badges = Badges()
    found: Badges = g.badges
    return found


def set_up(app: Flask, settings: Settings) -> None:
    """Give templates the campaign, the membership, practice mode, badges and the time."""
    app.extensions["badges"] = {}

    @app.context_processor
    def shared() -> dict[str, Any]:
        return {
            "campaign": g.get("campaign"),
            "membership": g.get("membership"),
            "practice_mode": settings.practice,
            "badges": badges(),
            "now": utc_now(),
        }
