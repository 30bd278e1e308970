"""A mail server on loopback that takes mails into a list: real sockets, real SMTP."""

import base64
import socket
import socketserver
import ssl
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HANGS_UP = "hangs up"


@dataclass(frozen=True)
class Delivered:
    """A mail as it came: its envelope, and how."""

    sender: str
    to: list[str]
    mail: EmailMessage
    by_tls: bool
    user: str


class MailServer:
    """A context manager. `users`: who may sign in, and nobody else then sends.

    `certificate`: a file with key and certificate; STARTTLS is offered, with `tls_first` every
    connection speaks TLS from the first byte. `answers` replaces the answer to a command, such
    as {"RCPT": "550 no such user"} or {"DATA": HANGS_UP}.
    """

    def __init__(
        self,
        *,
        users: dict[str, str] | None = None,
        certificate: Path | None = None,
        tls_first: bool = False,
    ) -> None:
        self.users, self.tls_first = users or {}, tls_first
        self.context: ssl.SSLContext | None = None
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        self.answers: dict[str, str] = {}
        self.speaks = threading.Event()  # taken back, it says nothing to those who connect
        self.speaks.set()
        self.taken: list[Delivered] = []
        self.port = 0
        self._server: socketserver.ThreadingTCPServer | None = None
        self.listen()

    @property
    def url(self) -> str:
        """What HEED_SMTP_URL takes, without a user."""
        return f"smtp{'s' if self.tls_first else ''}://127.0.0.1:{self.port}"

    def listen(self) -> None:
        """Take connections, again on the same port."""
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), _Talk)
        server.daemon_threads = True
        cast(Any, server).mail = self
        self.port, self._server = server.server_address[1], server
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def refuse(self) -> None:
        """Close the port until `listen`."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.refuse()


class _Talk(socketserver.StreamRequestHandler):
    """One connection."""

    timeout = 10.0

    def handle(self) -> None:
        self.box: MailServer = cast(Any, self.server).mail
        self.user, self.sender, self.to = "", "", list[str]()
        self.by_tls = False
        try:
            if self.box.tls_first:
                self._secure()
            self.box.speaks.wait(60)
            self._say(self.box.answers.get("CONNECT", "220 mail.example.org"))
            while (line := self.rfile.readline()) and self._obey(line.decode().strip()):
                pass
        except OSError:
            return  # The other side has had enough.

    def finish(self) -> None:
        """Close what we speak through; after a change to TLS it is another socket."""
        super().finish()
        self.connection.close()

    def _obey(self, line: str) -> bool:
        """Answer one command; False: the talk is over."""
        verb, _, rest = line.partition(" ")
        scripted = self.box.answers.get(verb.upper(), "")
        if scripted == HANGS_UP:
            return False
        if scripted:
            self._say(scripted)
            return True
        self._answer(verb.upper(), rest)
        return verb.upper() != "QUIT"

    def _answer(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO":
                self._say(*self._offers())
            case "STARTTLS":
                self._say("220 go ahead")
                self._secure()
            case "AUTH":
                self._sign_in(rest)
            case "MAIL" if self.box.users and not self.user:
                self._say("530 sign in first")
            case "MAIL":
                self.sender, self.to = _address(rest), []
                self._say("250 ok")
            case "RCPT":
                self.to.append(_address(rest))
                self._say("250 ok")
            case "DATA":
                self._take()
            case "QUIT":
                self._say("221 bye")
            case _:
                self._say("250 ok")

    def _offers(self) -> list[str]:
        offers = ["mail.example.org", "SMTPUTF8", "8BITMIME"]
        if self.box.context is not None and not self.by_tls:
            offers.append("STARTTLS")
        if self.box.users:
            offers.append("AUTH PLAIN")
        return [*(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}"]

    def _sign_in(self, given: str) -> None:
        _, user, password = base64.b64decode(given.split()[-1]).decode().split("\0")
        if self.box.users.get(user) != password:
            self._say("535 wrong user or password")
            return
        self.user = user
        self._say("235 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        self.box.taken.append(
            Delivered(self.sender, self.to, cast(EmailMessage, mail), self.by_tls, self.user)
        )
        self._say("250 taken")

    def _secure(self) -> None:
        assert self.box.context is not None
        self.connection = self.box.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.by_tls = True

    def _say(self, *lines: str) -> None:
        self.connection.sendall("".join(f"{line}\r\n" for line in lines).encode())


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1, in one file; it vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        port: int = plug.getsockname()[1]
        return port
