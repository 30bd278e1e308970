"""Is the process up, and can it work?"""

from typing import Any

from flask import Blueprint

from webapp.db import utc_now
from webapp.services import health
from webapp.web.access import public

bp = Blueprint("health", __name__)


@bp.route("/healthz")
@public
def is_up() -> dict[str, bool]:
    """The process answers; nothing else is asked."""
    return {"ok": True}


@bp.route("/readyz")
@public
def is_ready() -> tuple[dict[str, Any], int]:
    """Database, migrations, worker, queue; 503 when one of them is not in order."""
    found = health.check(now=utc_now())
    answer = {
        "ok": found.ready,
        "database": found.database,
        "migrations": found.migrations,
        "worker": found.worker,
        "worker_seconds": found.worker_seconds,
        "queue": found.queue,
        "oldest_text_seconds": found.oldest_text_seconds,
    }
    return answer, 200 if found.ready else 503
