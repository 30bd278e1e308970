"""Trust the proxies in front of Heed, as many as the settings say and not one more."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.config import Settings


def set_up(app: Flask, settings: Settings) -> None:
    """Read the visitor's address and scheme from the headers of the trusted proxies."""
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=0, x_port=0
        )
