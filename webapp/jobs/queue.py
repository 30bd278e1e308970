"""The Huey queue and its tasks. The database is the truth, the queue is only a nudge."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from flask import Flask, current_app
from huey import PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.api import Huey
from huey.serializer import SignedSerializer
from sqlalchemy import delete, select

from webapp.carriers import registry
from webapp.config import Settings
from webapp.db import changed_rows, db, insert_once, transaction, utc_now
from webapp.models import Action, ActionState, ContactImport, ImportState, JobRun
from webapp.services import (
    batches,
    figures,
    import_files,
    import_running,
    imports,
    launches,
    schedules,
    trail,
)
from webapp.web.logs import log

# Chunks that the request itself sorts: a launch of a small list is live at once.
AT_ONCE = 2


def set_up(app: Flask, settings: Settings) -> None:
    """Give the application its queue, its tasks and its carrier."""
    queue = _queue(settings)
    app.extensions["queue"] = queue
    app.extensions["carrier"] = registry.from_settings(settings)
    tasks: dict[str, Callable[[int], None]] = {"launch": finish_launch, "import": finish_import}
    app.extensions["tasks"] = {
        name: queue.task(name=name)(_in_context(app, work)) for name, work in tasks.items()
    }
    queue.periodic_task(crontab(), name="each_minute")(_in_context(app, each_minute))


def launch_soon(action_id: int) -> None:
    """Sort the first chunks of a launch at once and leave the rest to a worker."""
    for _ in range(AT_ONCE):
        if not _sort_chunk(action_id):
            return
    current_app.extensions["tasks"]["launch"](action_id)


def import_soon(import_id: int) -> None:
    """Let a worker go on with an import: check its rows, or bring them in."""
    current_app.extensions["tasks"]["import"](import_id)


def finish_launch(action_id: int) -> None:
    """Sort what is left of a launch; run twice or by two workers it does the same once."""
    while _sort_chunk(action_id):
        pass


def finish_import(import_id: int) -> None:
    """Go on with an import where it stopped."""
    folder = import_files.folder_of(current_app.extensions["settings"])
    import_running.run_to_end(import_id, transaction, utc_now, folder=folder)


def each_minute() -> None:
    """What is to be done each minute, once, however many workers there are."""
    now = utc_now()
    minute = now.replace(second=0, microsecond=0)
    with transaction():
        first = insert_once(JobRun).values(job="each_minute", minute=minute)
        if not changed_rows(first):
            return
        db.session.execute(delete(JobRun).where(JobRun.minute < now - timedelta(days=1)))
    folder = import_files.folder_of(current_app.extensions["settings"])
    _one_by_one(
        *(partial(schedules.start, action_id, now=now) for action_id in schedules.due(now=now))
    )
    _one_by_one(
        lambda: trail.seal(now=now),
        lambda: batches.give_back_old(now=now),
        lambda: imports.tidy(folder, now=now),
    )
    for action_id in db.session.scalars(
        select(Action.id).where(Action.state == ActionState.LAUNCHING)
    ).all():
        current_app.extensions["tasks"]["launch"](action_id)
    unfinished = (ImportState.CHECKING, ImportState.IMPORTING, ImportState.REVERSING)
    for import_id in db.session.scalars(
        select(ContactImport.id).where(ContactImport.state.in_(unfinished))
    ).all():
        import_soon(import_id)
    _count_figures()


def _count_figures() -> None:
    """Bring the figures for Analytics up to date, for some seconds and in short steps."""
    try:
        figures.bring_up_to_date(transaction, now=utc_now())
    except Exception as error:
        db.session.rollback()
        log.exception("the figures were not counted", kind=type(error).__name__)


def _one_by_one(*duties: Callable[[], object]) -> None:
    """Each in its own transaction, so that one that fails holds up none of the others."""
    for duty in duties:
        try:
            with transaction():
                duty()
        except Exception as error:
            log.exception("a duty of the minute failed", kind=type(error).__name__)


def _sort_chunk(action_id: int) -> bool:
    with transaction():
        action = db.session.get_one(Action, action_id)
        return launches.sort_chunk(action, now=utc_now())


def _queue(settings: Settings) -> Huey:
    shared = {
        "name": "heed",
        "results": False,
        "serializer": SignedSerializer(secret=settings.secret_key, salt="heed queue"),
    }
    if settings.queue_url.startswith("redis"):
        return RedisHuey(url=settings.queue_url, **shared)
    if settings.queue_url.startswith("postgres"):
        return PostgresHuey(dsn=settings.queue_url.replace("+psycopg", ""), **shared)
    return SqliteHuey(filename=settings.queue_url.removeprefix("sqlite:///"), **shared)


def _in_context(app: Flask, work: Callable[..., None]) -> Callable[..., None]:
    def task(*arguments: int) -> None:
        with app.app_context():
            work(*arguments)

    return task
