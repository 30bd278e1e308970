"""The stand-in: plays Twilio's and Telnyx's API on loopback and does as it is told."""

import asyncio
import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.carrier.dialects import Dialect, TelnyxDialect, TwilioDialect
from tests.carrier.gallery import SHELF, Gallery
from tests.carrier.http import BreakOffError, Part, Request, Response, serve
from tests.carrier.ledger import Ledger, Listed, new_sid
from tests.carrier.plan import Plan, Rule

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "stand-in-token"
API_KEY = "KEY0stand-in"
ACCOUNT = "account"  # whom rules are for that are about our account, and no text
REQUIRED = {"From": 21603, "To": 21604, "Body": 21602}


class Service:
    """Routes and state, on one event loop.

    Twilio's part: GET …/Accounts/{sid}.json, POST and GET …/Accounts/{sid}/Messages.json, GET
    …/Messages/{sid}/Media.json and …/Media/{sid}, with basic auth. Telnyx's: GET
    /v2/messaging_profiles and POST /v2/messages with the API key. Without:
    GET /shelf/{sid}, where pictures lie, and our own POST /control/rules (a Rule),
    /control/received, /control/left, /control/picture, /control/refuse {"seconds": n},
    /control/drip {"part": "head" | "body"}, /control/reset;
    GET /control/arrivals?to=&after=&count=&seconds=.
    """

    def __init__(self, account_sid: str = ACCOUNT_SID, auth_token: str = AUTH_TOKEN) -> None:
        """Nothing listens yet; see `listen`."""
        self.plan = Plan()
        self.ledger = Ledger()
        self.gallery = Gallery()
        self.port = 0
        self.drips: Part | None = None
        self.twilio = TwilioDialect(account_sid, auth_token)
        self.telnyx = TelnyxDialect(API_KEY)
        self._messages = self.twilio.messages
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
        self.gallery.clear()
        self.drips = None
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
        return replace(await self._answer_api(request), drips=self.drips)

    async def _answer_api(self, request: Request) -> Response:
        if request.path.startswith(SHELF):
            return self._picture(request, request.path.removeprefix(SHELF))
        if request.path.startswith("/v2/"):
            return await self._answer_telnyx(request)
        if not self.twilio.knows(request):
            return self.twilio.error(401, 20003)
        if request.path == self.twilio.account:
            return await self._tell(self.twilio)
        if request.path != self._messages:
            return self._media(request)
        if request.method == "POST":
            return await self._take(request, self.twilio)
        return self._list(request) if request.method == "GET" else self.twilio.error(405, 20004)

    async def _answer_telnyx(self, request: Request) -> Response:
        if not self.telnyx.knows(request):
            return self.telnyx.error(401, 20003)
        if request.path == self.telnyx.account:
            return await self._tell(self.telnyx)
        if request.path != self.telnyx.messages:
            return self.telnyx.error(404, 20404)
        if request.method != "POST":
            return self.telnyx.error(405, None)
        try:
            return await self._take(request, self.telnyx)
        except (AttributeError, ValueError):
            return self.telnyx.error(400, 10023)

    async def _take(self, request: Request, dialect: Dialect) -> Response:
        fields = dialect.read(request)
        for name, code in REQUIRED.items():
            if not fields.get(name):
                return dialect.error(400, code)
        rule = self.plan.next_for(fields["To"])
        sid = dialect.new_id()
        self.ledger.record(
            fields, sid, accepted=rule.accept, came=request.came, came_at=request.came_at
        )
        if rule.then == "hang":
            await self._hanging.wait()
            raise BreakOffError
        await self._pause(rule.wait())
        if rule.then in ("close", "reset"):
            raise BreakOffError(reset=rule.then == "reset")
        return _answered(rule, dialect, fields, sid)

    async def _tell(self, dialect: Dialect) -> Response:
        """Whether we know them, unless a rule for texts to ACCOUNT says otherwise."""
        rule = self.plan.next_for(ACCOUNT)
        await self._pause(rule.wait())
        if rule.then in ("close", "reset", "hang"):
            raise BreakOffError(reset=rule.then == "reset")
        if rule.body is not None:
            return Response(rule.status, rule.body.encode(), rule.headers, rule.hang_up)
        if rule.status >= 300:
            return dialect.error(rule.status, rule.code, headers=rule.headers)
        return dialect.known(headers=rule.headers)

    async def _pause(self, seconds: float) -> None:
        """Wait, or until a reset."""
        try:
            await asyncio.wait_for(self._hanging.wait(), seconds)
        except TimeoutError:
            return

    def _list(self, request: Request) -> Response:
        query = request.query
        try:
            size = min(int(query.get("PageSize", ["50"])[0]), 1000)
            page = int(query.get("Page", ["0"])[0])
            found = self.ledger.listed(query)
        except ValueError:
            return self.twilio.error(400, 20001)
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

    def _media(self, request: Request) -> Response:
        """The list of a message's pictures, or one of them."""
        below = re.escape(self._messages.removesuffix(".json"))
        listing = re.fullmatch(f"{below}/(\\w+)/Media\\.json", request.path)
        if listing and (found := self.ledger.media_of(listing[1])):
            path = request.path.removesuffix(".json")
            return Response.of({"media_list": [{"uri": f"{path}/{sid}.json"} for sid in found]})
        one = re.fullmatch(f"{below}/\\w+/Media/(\\w+)", request.path)
        return self._picture(request, one[1]) if one else self.twilio.error(404, 20404)

    def _picture(self, request: Request, sid: str) -> Response:
        hop = int(request.query.get("hop", ["0"])[0])
        return self.gallery.answer(request, sid, hop) or self.twilio.error(404, 20404)

    async def _control(self, request: Request) -> Response:
        order = (request.method, request.path.removeprefix("/control/"))
        if order == ("GET", "arrivals"):
            return await self._arrivals(request)
        given = json.loads(request.body or b"{}")
        if order == ("POST", "rules"):
            self.plan.add(Rule.from_json(given))
        elif order == ("POST", "received"):
            return Response.of({"sid": self.received(**given)})
        elif order == ("POST", "left"):
            return Response.of({"sid": self.left(**given)})
        elif order == ("POST", "picture"):
            content = base64.b64decode(given.pop("content"))
            return Response.of({"sid": self.gallery.hang(content, **given)})
        elif order == ("POST", "refuse"):
            self._later = asyncio.create_task(self._refuse_for(float(given["seconds"])))
        elif order == ("POST", "drip"):
            self.drips = given["part"]
        elif order == ("POST", "reset"):
            self.reset()
        else:
            return self.twilio.error(404, 20404)
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
        self,
        sender: str,
        to: str,
        body: str,
        sid: str | None = None,
        sent: str | None = None,
        media: list[str] | None = None,
    ) -> str:
        """List a message for those who ask what they missed.

        `sent` in ISO 8601, default now; `media` are the sids of pictures.
        """
        moment = datetime.fromisoformat(sent) if sent else datetime.now(UTC)
        sid = sid or new_sid()
        sent_at, pictures = moment.replace(microsecond=0), tuple(media or ())
        self.ledger.receive(sender, to, body, sid=sid, sent=sent_at, media=pictures)
        return sid

    def left(self, sender: str, to: str, body: str, *, sent: str | None = None, **more: Any) -> str:
        """List a message of the account's own; `sent` as above, `more` are fields of Listed."""
        moment = datetime.fromisoformat(sent) if sent else datetime.now(UTC)
        given = {"sid": new_sid(), "direction": "outbound-api", **more}
        message = Listed(
            sender=sender, to=to, body=body, sent=moment.replace(microsecond=0), **given
        )
        self.ledger.leave(message)
        return message.sid


def _answered(rule: Rule, dialect: Dialect, fields: dict[str, str], sid: str) -> Response:
    if rule.then == "garbage":
        return Response(200, b"<html>Welcome</html>", hang_up=rule.hang_up)
    if rule.body is not None:
        return Response(rule.status, rule.body.encode(), rule.headers, rule.hang_up)
    more: dict[str, Any] = {"headers": rule.headers, "hang_up": rule.hang_up}
    if rule.status >= 300:
        return dialect.error(rule.status, rule.code, **more)
    return dialect.accepted(rule.status, sid, fields, **more)
