"""What every answer tells the browser."""

import pytest

from tests.client import Browser
from tests.web.conftest import Make


@pytest.mark.parametrize("url", ["/login", "/healthz", "/nowhere", "/me", "/c/none/team"])
def test_every_answer_forbids_what_no_page_needs(client: Browser, url: str) -> None:
    headers = client.get(url).headers

    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "HX-Request" in headers["Vary"]


def test_over_https_browsers_are_told_to_stay_there(make_app: Make, client: Browser) -> None:
    secure = make_app(public_url="https://text.example.org").test_client()

    assert "max-age=31536000" in secure.get("/healthz").headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


def test_the_visitors_address_is_taken_from_trusted_proxies_alone(make_app: Make) -> None:
    from flask import request

    from webapp.web.access import public

    seen = {}
    for hops in (0, 1):
        app = make_app(trusted_proxies=hops)
        app.add_url_rule("/who", "who", public(lambda: request.remote_addr or ""))
        forged = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
        seen[hops] = app.test_client().get("/who", headers=forged).text

    assert seen == {0: "127.0.0.1", 1: "198.51.100.7"}
