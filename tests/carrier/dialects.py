"""How each carrier asks for a text and answers: the same plan, in two dialects."""

import base64
import hmac
import json
import uuid
from typing import Any, Protocol

from tests.carrier.http import Request, Response
from tests.carrier.ledger import new_sid

Fields = dict[str, str]

# The numbers and statuses of the usual faults; any other number is passed on as it is.
TELNYX_CODES = {
    20003: (401, 10009),
    20404: (404, 10005),
    20429: (429, 10011),
    21602: (422, 40316),
    21603: (422, 10004),
    21604: (422, 10004),
    21610: (409, 40300),
}


class Dialect(Protocol):
    """The words of one carrier. The fields of a text are From, To, Body, StatusCallback."""

    messages: str
    account: str

    def knows(self, request: Request) -> bool:
        """Whether the credentials are right."""
        ...

    def read(self, request: Request) -> Fields:
        """The fields of a text; ValueError when the request cannot be read."""
        ...

    def new_id(self) -> str:
        """An id for a message."""
        ...

    def accepted(self, status: int, sid: str, fields: Fields, **more: Any) -> Response:
        """The answer to a text that was taken."""
        ...

    def known(self, **more: Any) -> Response:
        """The answer to somebody who asks whether we know them."""
        ...

    def error(self, status: int, code: int | None, **more: Any) -> Response:
        """The answer to one that was not; `code` in Twilio's numbers."""
        ...


class TwilioDialect:
    """Forms in, flat JSON out."""

    def __init__(self, account_sid: str, auth_token: str) -> None:
        self._account_sid = account_sid
        credentials = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._authorization = f"Basic {credentials}"
        self.account = f"/2010-04-01/Accounts/{account_sid}.json"
        self.messages = f"/2010-04-01/Accounts/{account_sid}/Messages.json"

    def knows(self, request: Request) -> bool:
        return _same(request, self._authorization)

    def read(self, request: Request) -> Fields:
        return request.form

    def new_id(self) -> str:
        return new_sid()

    def accepted(self, status: int, sid: str, fields: Fields, **more: Any) -> Response:
        message = {
            "sid": sid,
            "account_sid": self._account_sid,
            "from": fields["From"],
            "to": fields["To"],
            "body": fields["Body"],
            "status": "queued",
            "direction": "outbound-api",
            "error_code": None,
        }
        return Response.of(message, status, **more)

    def known(self, **more: Any) -> Response:
        return Response.of({"sid": self._account_sid, "status": "active"}, **more)

    def error(self, status: int, code: int | None, **more: Any) -> Response:
        body = {"status": status, "message": "The stand-in says no."}
        return Response.of(body if code is None else {**body, "code": code}, status, **more)


class TelnyxDialect:
    """JSON in, JSON out, all of it one level deeper."""

    messages = "/v2/messages"
    account = "/v2/messaging_profiles"

    def __init__(self, api_key: str) -> None:
        self._authorization = f"Bearer {api_key}"

    def knows(self, request: Request) -> bool:
        return _same(request, self._authorization)

    def read(self, request: Request) -> Fields:
        given = json.loads(request.body)
        names = {"from": "From", "to": "To", "text": "Body", "webhook_url": "StatusCallback"}
        return {names[name]: str(value) for name, value in given.items() if name in names}

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def accepted(self, status: int, sid: str, fields: Fields, **more: Any) -> Response:
        message = {
            "id": sid,
            "record_type": "message",
            "direction": "outbound",
            "from": {"phone_number": fields["From"]},
            "to": [{"phone_number": fields["To"], "status": "queued"}],
            "text": fields["Body"],
            "webhook_url": fields.get("StatusCallback"),
            "errors": [],
        }
        return Response.of({"data": message}, 200 if status == 201 else status, **more)

    def known(self, **more: Any) -> Response:
        return Response.of({"data": [], "meta": {"total_results": 0}}, **more)

    def error(self, status: int, code: int | None, **more: Any) -> Response:
        status, number = TELNYX_CODES.get(code or 0, (status, code))
        error = {"title": "No", "detail": "The stand-in says no."}
        if number is not None:
            error["code"] = str(number)
        return Response.of({"errors": [error]}, status, **more)


def _same(request: Request, authorization: str) -> bool:
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), authorization.encode())
