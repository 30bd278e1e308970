"""How often something may be tried, so that passwords and join codes cannot be guessed."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

View = Callable[..., Any]

limiter = Limiter(key_func=get_remote_address)


def set_up(app: Flask) -> None:
    """Count per process, or in Redis when that is the queue."""
    limiter.init_app(app)
    # Our limits stand on the views, which count by themselves. What the library would do before
    # every request finds none, and costs a webhook as much as all of its routing.
    app.before_request_funcs[None].remove(limiter._check_request_limit)


def limit_sign_in(view: View) -> View:
    """Refuse with 429 after 10 failures for one account or 30 from one address in 5 minutes.

    Both are counted: many addresses may try one account, and one address many accounts.
    """
    by_account = limiter.limit(
        "10 per 5 minutes", key_func=_account, methods=["POST"], deduct_when=_failed
    )
    by_address = limiter.limit("30 per 5 minutes", methods=["POST"], deduct_when=_failed)
    return by_account(by_address(view))


def limit_guesses(view: View) -> View:
    """Refuse with 429 after 20 wrong codes or links from one address in 5 minutes."""
    return limiter.limit("20 per 5 minutes", deduct_when=_failed)(view)


def limit_fetching(view: View) -> View:
    """Refuse with 429 after 120 pictures a minute from one address: each is a call to a carrier."""
    return limiter.limit("120 per minute")(view)


def limit_carrier_checks(view: View) -> View:
    """Refuse with 429 after 10 checks a minute from one address: each waits for the carrier."""
    return limiter.limit("10 per minute", methods=["POST"])(view)


def limit_sign_ups(view: View) -> View:
    """Refuse with 429 after 30 sign-ups from one address in 5 minutes.

    A tablet on a table stays below that; somebody who types in the phone book does not.
    """
    return limiter.limit("30 per 5 minutes", methods=["POST"])(view)


def limit_setup(view: View) -> View:
    """Refuse with 429 after 10 wrong set-up codes from one address in 5 minutes.

    Not for all addresses together: a stranger could then keep the owner out.
    """
    return limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=_failed)(view)


def _account() -> str:
    """The account that a sign-in form is for, whether or not it exists."""
    # Trimmed first, as the form does it: cut before, a padded email would count as another one.
    return "account:" + request.form.get("email", "").strip()[:254].casefold()


def _failed(response: Response) -> bool:
    """Only failures count, so that nobody is locked out by signing in."""
    return response.status_code >= 400
