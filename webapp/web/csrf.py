"""Every form is ours: a request that changes something carries the session's token."""

from flask import Flask, request
from flask_wtf import CSRFProtect

# What machines post to; these check a signature instead.
EXEMPT_BLUEPRINTS = ("webhooks",)

_protection = CSRFProtect()


def set_up(app: Flask) -> None:
    """Refuse each POST without the token, webhooks aside.

    Our own check replaces the library's, so that it runs after the visitor is known: somebody
    whose session has ended is sent to sign in rather than told about a stale form.
    """
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    _protection.init_app(app)

    @app.before_request
    def check_token() -> None:
        if request.endpoint and request.blueprint not in EXEMPT_BLUEPRINTS:
            _protection.protect()
