"""Several people at the same moment: each in a thread with a session of their own."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Flask
from sqlalchemy import text

from webapp.db import db

Result = TypeVar("Result")


def at_once(
    app: Flask, acts: Sequence[Callable[[], Result]]
) -> tuple[list[Result], list[Exception]]:
    """Let all of them begin together; what they returned, and what they raised."""
    db.session.rollback()
    start = threading.Barrier(len(acts))
    done: list[Result] = []
    raised: list[Exception] = []

    def run(act: Callable[[], Result]) -> None:
        with app.app_context():
            db.session.execute(text("SELECT 1"))  # The connection is there when it begins.
            db.session.rollback()
            start.wait(timeout=30)
            try:
                done.append(act())
            except Exception as problem:
                raised.append(problem)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, raised
