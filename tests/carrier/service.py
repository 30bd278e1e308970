"""The stand-in: plays Twilio's API on loopback and does as it is told."""

import asyncio
import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.carrier.http import BreakOffError, Request, Response, serve
from tests.carrier.ledger import Ledger, new_sid
from tests.carrier.plan import Plan, Rule

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "stand-in-token"
REQUIRED = {"From": 21603, "To": 21604, "Body": 21602}


class Service:
    """Routes and state, on one event loop.

    Twilio's part: POST and GET …/Accounts/{sid}/Messages.json, with basic auth. Ours, without:
    POST /control/rules (a Rule), /control/received, /control/refuse {"seconds": n},
    /control/reset; GET /control/arrivals?to=&after=&count=&seconds=.
    """

    def __init__(self, account_sid: str = ACCOUNT_SID, auth_token: str = AUTH_TOKEN) -> None:
        """Nothing listens yet; see `listen`."""
        self.plan = Plan()
        self.ledger = Ledger()
        self.port = 0
        self._account_sid = account_sid
        credentials = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._authorization = f"Basic {credentials}"
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._hanging = asyncio.Event()
        self._later: asyncio.Task[None] | None = None

    async def listen(self, port: int = 0) -> None:
        """Take connections on 127.0.0.1; on the port from before, a given or a free one."""
        port = self.port or port
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Close the port and all connections, until `listen`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._release()
        for writer in list(self._writers):
            writer.transport.abort()

    async def close(self) -> None:
        """As `refuse`, for good; waits until the connections have ended."""
        if self._later is not None:
            self._later.cancel()
        await self.refuse()
        if self._connections:
            await asyncio.wait(self._connections, timeout=5)

    def reset(self) -> None:
        """Forget rules, arrivals and messages, and let go of those who hang."""
        self.plan.clear()
        self.ledger.clear()
        self._release()

    async def _refuse_for(self, seconds: float) -> None:
        # A task begins when its maker waits, and by then the answer to the order has been sent.
        await self.refuse()
        await asyncio.sleep(seconds)
        await self.listen()

    def _release(self) -> None:
        self._hanging.set()
        self._hanging = asyncio.Event()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._writers.add(writer)
        try:
            await serve(reader, writer, self._answer)
        finally:
            self._writers.discard(writer)
            self._connections.discard(task)

    async def _answer(self, request: Request) -> Response:
        if request.path.startswith("/control/"):
            try:
                return await self._control(request)
            except (KeyError, TypeError, ValueError) as error:
                return Response.of({"wrong": str(error)}, 400)
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), self._authorization.encode()):
            return _error(401, 20003)
        if request.path != self._messages:
            return _error(404, 20404)
        if request.method == "POST":
            return await self._take(request)
        return self._list(request) if request.method == "GET" else _error(405, 20004)

    async def _take(self, request: Request) -> Response:
        fields = request.form
        for name, code in REQUIRED.items():
            if not fields.get(name):
                return _error(400, code)
        rule = self.plan.next_for(fields["To"])
        sid = self.ledger.record(
            fields, accepted=rule.accept, came=request.came, came_at=request.came_at
        )
        if rule.then == "hang":
            await self._hanging.wait()
            raise BreakOffError
        await self._pause(rule.wait())
        if rule.then in ("close", "reset"):
            raise BreakOffError(reset=rule.then == "reset")
        return self._answered(rule, fields, sid)

    async def _pause(self, seconds: float) -> None:
        """Wait, or until a reset."""
        try:
            await asyncio.wait_for(self._hanging.wait(), seconds)
        except TimeoutError:
            return

    def _answered(self, rule: Rule, fields: dict[str, str], sid: str) -> Response:
        if rule.then == "garbage":
            return Response(200, b"<html>Welcome</html>", hang_up=rule.hang_up)
        if rule.body is not None:
            return Response(rule.status, rule.body.encode(), rule.headers, rule.hang_up)
        if rule.status >= 300:
            return _error(rule.status, rule.code, headers=rule.headers, hang_up=rule.hang_up)
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
        return Response.of(message, rule.status, headers=rule.headers, hang_up=rule.hang_up)

    def _list(self, request: Request) -> Response:
        query = request.query
        try:
            size = min(int(query.get("PageSize", ["50"])[0]), 1000)
            page = int(query.get("Page", ["0"])[0])
            found = self.ledger.listed(query)
        except ValueError:
            return _error(400, 20001)
        part = found[page * size : (page + 1) * size]
        flat = {name: values[0] for name, values in query.items()}
        follows = urlencode({**flat, "Page": page + 1, "PageSize": size})
        more = len(found) > (page + 1) * size
        return Response.of(
            {
                "messages": [one.as_json() for one in part],
                "page": page,
                "page_size": size,
                "next_page_uri": f"{self._messages}?{follows}" if more else None,
            }
        )

    async def _control(self, request: Request) -> Response:
        order = (request.method, request.path.removeprefix("/control/"))
        if order == ("GET", "arrivals"):
            return await self._arrivals(request)
        given = json.loads(request.body or b"{}")
        if order == ("POST", "rules"):
            self.plan.add(Rule.from_json(given))
        elif order == ("POST", "received"):
            return Response.of({"sid": self.received(**given)})
        elif order == ("POST", "refuse"):
            self._later = asyncio.create_task(self._refuse_for(float(given["seconds"])))
        elif order == ("POST", "reset"):
            self.reset()
        else:
            return _error(404, 20404)
        return Response.of({"done": True})

    async def _arrivals(self, request: Request) -> Response:
        query = {name: values[0] for name, values in request.query.items()}
        to = query.get("to")
        if "count" in query:
            seconds = float(query.get("seconds", "10"))
            await asyncio.to_thread(self.ledger.wait, int(query["count"]), to, seconds=seconds)
        found = self.ledger.arrivals(to, after=int(query.get("after", "0")))
        return Response.of([one.as_json() for one in found])

    def received(
        self, sender: str, to: str, body: str, sid: str | None = None, sent: str | None = None
    ) -> str:
        """List a message for those who ask what they missed; `sent` in ISO 8601, default now."""
        moment = datetime.fromisoformat(sent) if sent else datetime.now(UTC)
        sid = sid or new_sid()
        self.ledger.receive(sender, to, body, sid=sid, sent=moment.replace(microsecond=0))
        return sid


def _error(status: int, code: int | None, **more: Any) -> Response:
    body = {"status": status, "message": "The stand-in says no."}
    return Response.of(body if code is None else {**body, "code": code}, status, **more)
