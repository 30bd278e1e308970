"""What every job shares: a ground to stand on, interleaved rounds, one result."""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import text

from tests import servers
from webapp.app import create_app
from webapp.config import Settings
from webapp.db import db

ROUNDS = 3


@dataclass
class Result:
    """One job on one database. Times in seconds, medians over the rounds."""

    job: str
    database: str
    rows: int
    yardstick: float
    product: float
    goal: float | None = None  # the ratio that performance goals allow
    unit: str = "s"
    more: dict[str, Any] = field(default_factory=dict)
    peak_mib: float = 0.0  # of the process and its children, at the end

    @property
    def ratio(self) -> float:
        """Product time over yardstick time."""
        return self.product / self.yardstick

    @property
    def is_within(self) -> bool:
        """Whether the ratio is within its goal."""
        return self.goal is None or self.ratio <= self.goal

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "ratio": round(self.ratio, 2), "within": self.is_within}


@dataclass
class Ground:
    """An installation of Heed with an empty database, for one job."""

    app: Flask
    settings: Settings
    database: str

    def analyze(self) -> None:
        """Let the database know how full its tables are, as it would after a while."""
        statement = "ANALYZE" if self.database == "sqlite" else "VACUUM ANALYZE"
        db.session.remove()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))


@contextmanager
def ground(database: str) -> Iterator[Ground]:
    """A fresh installation inside an application context; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="heed-bench-") as folder:
        settings = _settings(database, Path(folder))
        app = create_app(settings)
        with app.app_context():
            flask_migrate.upgrade()
            yield Ground(app, settings, database)
            db.session.remove()
            db.engine.dispose()
    if database == "postgres":
        servers.drop_database("heed_bench")


def rounds(
    yardstick: Callable[[], float], product: Callable[[], float], *, count: int = ROUNDS
) -> tuple[float, float]:
    """Medians of interleaved rounds: yardstick, product, yardstick, product, …

    Each callable does its work once and says how many seconds the work took.
    """
    pairs = [(yardstick(), product()) for _ in range(count)]
    return (
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
    )


@contextmanager
def clock() -> Iterator[Callable[[], float]]:
    """Time a block: `with clock() as seconds: …` and then seconds()."""
    began = time.perf_counter()
    ended: list[float] = []
    yield lambda: (ended[0] if ended else time.perf_counter()) - began
    ended.append(time.perf_counter())


def peak_mib() -> float:
    """The most memory that this process and its ended children have held, in MiB."""
    kib = sum(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return kib / (1024 if sys.platform != "darwin" else 1024 * 1024)


def _settings(database: str, folder: Path) -> Settings:
    url = f"sqlite:///{folder / 'heed.db'}"
    if database == "postgres":
        servers.drop_database("heed_bench")
        url = servers.create_database("heed_bench").replace("postgresql:", "postgresql+psycopg:", 1)
    return Settings(
        database_url=url,
        queue_url=f"sqlite:///{folder / 'queue.db'}",
        secret_key="a key for benchmarks alone",
        public_url="http://127.0.0.1:8000",
        instance=folder,
        embedded_worker=False,
        testing=True,  # Requests are not logged.
    )
