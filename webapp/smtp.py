"""Handing one mail over to a mail server; and where that server is, from one setting."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from webapp.errors import ConfigError, HeedError

ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[\w.-]+\w")
# With smtp:// the port where a server takes mail from those it knows, with smtps:// its sibling
# that speaks TLS from the first byte.
PORTS = {"smtp": 587, "smtps": 465}
ANSWERS_WITHIN = 15.0  # seconds that the server may take for each answer
EXAMPLE = "smtp://user:password@mail.example.org:587"


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server, and as whom to talk to it."""

    host: str
    port: int
    speaks_tls: bool  # from the first byte; else it is asked for where the server offers it
    user: str = ""
    password: str = field(default="", repr=False)


class MailError(HeedError):
    """A mail was not taken. `is_permanent`: it never will be; else it may be tried again.

    The message is a sentence that holds no address and no password.
    """

    def __init__(self, message: str, *, is_permanent: bool = False) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent


def server_from(url: str) -> MailServer | None:
    """The mail server that HEED_SMTP_URL names; None when it is empty.

    ConfigError when it names none. User and password are percent-decoded.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:  # A bracket that is not closed, or a port that does not exist.
        port = 0
    if not port or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        # The value itself is not repeated: a password may stand in it.
        raise ConfigError(f"HEED_SMTP_URL has to be an address such as {EXAMPLE} (or smtps://).")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ConfigError("HEED_SMTP_URL has to name both a user and a password, or neither.")
    return MailServer(parts.hostname, port, parts.scheme == "smtps", user, password)


def sender_from(given: str, server: MailServer | None, host: str) -> str:
    """Whom mails are from: HEED_MAIL_FROM, else the user of the server, else heed@ our own host.

    ConfigError when what is given is no address.
    """
    if not given:
        usual = server.user if server else ""
        return usual if ADDRESS.fullmatch(usual) else f"heed@{host}"
    if not ADDRESS.fullmatch(given):
        raise ConfigError("HEED_MAIL_FROM has to be an email address such as heed@example.org.")
    return given


def hand_over(server: MailServer, mail: EmailMessage, *, sender: str, to: str) -> None:
    """Give one mail to the server, in a connection of its own. Raises MailError.

    TLS is used wherever it is offered, and its certificate has to be right.
    """
    with _talk(server, domain=sender.rpartition("@")[2]) as line:
        try:
            line.send_message(mail, sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            code = max((code for code, _said in error.recipients.values()), default=0)
            raise MailError(
                f"The mail server refused the recipient ({code}).", is_permanent=code >= 500
            ) from None
        except smtplib.SMTPNotSupportedError:
            raise MailError(
                "The mail server knows no addresses with such letters.", is_permanent=True
            ) from None


def greet(server: MailServer) -> None:
    """Connect and sign in, and send nothing. Raises MailError."""
    with _talk(server, domain="localhost"):
        pass


@contextmanager
def _talk(server: MailServer, *, domain: str) -> Iterator[smtplib.SMTP]:
    """A connection, signed in; whatever goes wrong becomes a sentence."""
    where = f"{server.host}:{server.port}"
    try:
        line = _connected(server, domain)
        try:
            _sign_in(line, server)
            yield line
            with suppress(OSError, smtplib.SMTPException):  # What was taken stays taken.
                line.quit()
        finally:
            line.close()
    except smtplib.SMTPResponseException as error:
        what = "sign-in" if isinstance(error, smtplib.SMTPAuthenticationError) else "mail"
        raise MailError(f"{where} refused the {what} ({error.smtp_code}).") from None
    except ssl.SSLError as error:
        why = getattr(error, "verify_message", "") or error.reason or "no TLS"
        raise MailError(f"{where} can't be trusted: {why}.") from None
    except (OSError, smtplib.SMTPException) as error:
        why = getattr(error, "strerror", None) or "it doesn't answer as a mail server does"
        why = "no answer in time" if isinstance(error, TimeoutError) else why
        raise MailError(f"{where} can't be reached: {why}.") from None


def _connected(server: MailServer, domain: str) -> smtplib.SMTP:
    if server.speaks_tls:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(
            server.host, server.port, domain, timeout=ANSWERS_WITHIN, context=context
        )
    return smtplib.SMTP(server.host, server.port, domain, timeout=ANSWERS_WITHIN)


def _sign_in(line: smtplib.SMTP, server: MailServer) -> None:
    """Ask for TLS where it is offered, then say who we are.

    A password crosses no network in clear: somebody on the way may have taken the offer out.
    """
    line.ehlo_or_helo_if_needed()
    if not server.speaks_tls and line.has_extn("starttls"):
        line.starttls(context=ssl.create_default_context())
        line.ehlo()
    if not server.user:
        return
    if not isinstance(line.sock, ssl.SSLSocket) and not _is_on_this_machine(line):
        raise MailError(
            f"{server.host}:{server.port} offers no TLS, so the password was not sent to it."
        )
    line.login(server.user, server.password)


def _is_on_this_machine(line: smtplib.SMTP) -> bool:
    return line.sock is not None and ip_address(line.sock.getpeername()[0]).is_loopback
