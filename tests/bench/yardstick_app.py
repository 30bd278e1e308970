"""The least that a webhook can do: Flask, one INSERT, one durable commit."""

import os
import sqlite3
import sys
import threading
from typing import Any

import psycopg
from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication

URL = os.environ["HEED_DATABASE_URL"]
SQLITE = URL.startswith("sqlite")
INSERT = "INSERT INTO bare_webhook (sender, body) VALUES (%s, %s)"

app = Flask(__name__)
_own = threading.local()
_turn = threading.Lock()


@app.post("/webhooks/twilio/inbound")
def receive() -> Response:
    """Keep the text and answer."""
    values = (request.form["From"], request.form["Body"])
    if SQLITE:
        with _turn:
            _connection().execute(INSERT.replace("%s", "?"), values)
    else:
        connection = _connection()
        connection.execute(INSERT, values)
        connection.commit()
    return Response("<Response/>", content_type="text/xml")


def _connection() -> Any:
    if not hasattr(_own, "connection"):
        _own.connection = _connect()
    return _own.connection


def _connect() -> Any:
    if not SQLITE:
        return psycopg.connect(URL.replace("+psycopg", ""))
    connection = sqlite3.connect(URL.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class _Server(BaseApplication):  # type: ignore[misc]
    def load_config(self) -> None:
        options = {
            "bind": f"127.0.0.1:{sys.argv[1]}",
            "workers": 1,
            "threads": 16,
            "worker_class": "gthread",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return app


if __name__ == "__main__":
    connection = _connect()
    connection.execute("CREATE TABLE IF NOT EXISTS bare_webhook (sender text, body text)")
    if not SQLITE:
        connection.commit()
    _Server().run()
