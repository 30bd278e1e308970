"""Runs commands of `heed` in tests."""

import contextvars
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from webapp.cli import main
from webapp.db import db


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


class Shell:
    """Runs `heed` as a shell would, in this process and on the test's application."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
        self._patch = monkeypatch
        monkeypatch.setattr(main, "_application", lambda: app)

    def run(self, *words: str, typed: str = "") -> Done:
        self._patch.setattr(sys, "argv", ["heed", *words])
        given = io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8")
        self._patch.setattr(sys, "stdin", given)
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
            contextvars.Context().run(lambda: sys.exit(main.main()))
        db.session.rollback()
        return Done(int(end.value.code or 0), out.getvalue(), err.getvalue())

    def json(self, *words: str, typed: str = "") -> Any:
        """What a command answers in JSON; it has to be the only thing on standard output."""
        done = self.run(*words, "--json", typed=typed)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
