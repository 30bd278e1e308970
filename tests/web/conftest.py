"""An application to hang a view or two on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.client import Browser
from webapp.app import create_app
from webapp.config import Settings
from webapp.db import db

Make = Callable[..., Flask]


@pytest.fixture
def make_app(app: Flask, settings: Settings) -> Iterator[Make]:
    """Makes further applications on the same database, with other settings."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        further = create_app(replace(settings, **changes))
        further.test_client_class = Browser
        made.append(further)
        return further

    yield make
    for further in made:
        with further.app_context():
            db.engine.dispose()
