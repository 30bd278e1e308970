"""The application factory: plugs the parts together, no logic."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate

from webapp import blueprints, config, jobs, keyed, web
from webapp.config import ROOT, Settings
from webapp.db import db
from webapp.engine import set_up_engine


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; without settings they are read from the environment.

    Raises ConfigError when a setting is wrong or missing.
    """
    settings = settings or config.load()
    config.make_folder(settings.instance)
    app = Flask(
        "webapp",
        template_folder=str(ROOT / "templates"),
        static_folder=None,  # WhiteNoise serves /static; see webapp/web/assets.py.
        instance_path=str(settings.instance),
    )
    app.config.from_mapping(_flask_settings(settings))
    app.extensions["settings"] = settings
    _plug_in_database(app, settings)
    keyed.set_up(settings.secret_key)
    jobs.set_up(app, settings)
    web.set_up(app, settings)
    for blueprint in blueprints.ALL:
        app.register_blueprint(blueprint)
    return app


def _plug_in_database(app: Flask, settings: Settings) -> None:
    if settings.sqlite:
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(
            parents=True, exist_ok=True
        )
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "webapp" / "migrations"), render_as_batch=True)
    with app.app_context():
        set_up_engine(db.engine)


def _flask_settings(settings: Settings) -> dict[str, Any]:
    prefix = "__Host-" if settings.https else ""
    return {
        "TESTING": settings.testing,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "SESSION_COOKIE_NAME": f"{prefix}heed_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": web.sessions.LONGEST,
        "MAX_CONTENT_LENGTH": 1_000_000,
        "PREFERRED_URL_SCHEME": "https" if settings.https else "http",
        "RATELIMIT_STORAGE_URI": (
            settings.queue_url if settings.queue_url.startswith("redis") else "memory://"
        ),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
        # A token lasts as long as the session it belongs to. The referrer is no proof: some
        # people's browsers send none, and the token and SameSite already are.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    """A pool that fits the threads of one process: web threads, worker threads and spares."""
    options: dict[str, Any] = {
        "pool_size": 16,
        "max_overflow": 16,
        "pool_timeout": 10,
        # The connection used last knows its statements best: PostgreSQL keeps them prepared.
        "pool_use_lifo": True,
        # Error messages of the database end up in logs; numbers and texts must not.
        "hide_parameters": True,
    }
    if not settings.sqlite:
        options |= {
            "pool_recycle": 1800,
            "connect_args": {
                "connect_timeout": 5,
                # A server that is gone without a word is noticed within half a minute: whoever
                # leads the incoming texts would wait for it with all the others behind.
                "keepalives_idle": 15,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 30_000,  # milliseconds
                # What comes a second time comes often: it is prepared from then on.
                "prepare_threshold": 1,
            },
        }
    return options
