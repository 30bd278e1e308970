"""What every template may rely on, besides what its view hands it."""

from typing import Any

from flask import Flask, g

from webapp.config import Settings
from webapp.db import utc_now


def set_up(app: Flask, settings: Settings) -> None:
    """Give templates the campaign, the membership, practice mode, badges and the time.

    `badges` is empty here; the blueprint that counts puts its own in its place with
    `app_context_processor`.
    """

    @app.context_processor
    def shared() -> dict[str, Any]:
        return {
            "campaign": g.get("campaign"),
            "membership": g.get("membership"),
            "practice_mode": settings.practice,
            "badges": {},
            "now": utc_now(),
        }
