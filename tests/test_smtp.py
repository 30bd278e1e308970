"""Handing a mail over to a server: signed in, by TLS where it is offered, with plain failures."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.mail_server import HANGS_UP, MailServer, certificate, free_port
from webapp import smtp
from webapp.smtp import MailError

SENDER, TO = "heed@example.org", "maya@example.org"


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def mail() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = SENDER, TO, "Heed paused “Rally”"
    made.set_content("Opt-outs reached 3.1%.\n")
    return made


def send(url: str, *, to: str = TO) -> None:
    server = smtp.server_from(url)
    assert server is not None
    smtp.hand_over(server, mail(), sender=SENDER, to=to)


def test_a_mail_arrives_as_it_was_written(post: MailServer) -> None:
    send(post.url)
    (came,) = post.taken
    assert (came.sender, came.to, came.by_tls, came.user) == (SENDER, [TO], False, "")
    assert came.mail["Subject"] == "Heed paused “Rally”"
    assert came.mail.get_content().strip() == "Opt-outs reached 3.1%."


@pytest.mark.parametrize("tls_first", [False, True], ids=["starttls", "smtps"])
def test_tls_is_used_where_it_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls_first: bool
) -> None:
    file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    users = {"maya@example.org": "p@ss/word"}
    with MailServer(users=users, certificate=file, tls_first=tls_first) as server:
        send(server.url.replace("://", "://maya%40example.org:p%40ss%2Fword@"))
    (came,) = server.taken
    assert (came.by_tls, came.user) == (True, "maya@example.org")


@pytest.mark.parametrize("tls_first", [False, True], ids=["starttls", "smtps"])
def test_a_server_with_a_wrong_certificate_gets_nothing(tmp_path: Path, tls_first: bool) -> None:
    users = {"user": "password"}
    with (
        MailServer(users=users, certificate=certificate(tmp_path), tls_first=tls_first) as server,
        pytest.raises(MailError, match=r"can't be trusted: .+\.$") as refused,
    ):
        send(server.url.replace("://", "://user:password@"))
    assert server.taken == [] and not refused.value.is_permanent
    assert "password" not in str(refused.value)


def test_a_wrong_password_may_be_put_right_later(post: MailServer) -> None:
    post.users = {"user": "password"}
    with pytest.raises(MailError, match=r"refused the sign-in \(535\)") as refused:
        send(post.url.replace("://", "://user:wrong@"))
    assert not refused.value.is_permanent


@pytest.mark.parametrize(
    ("command", "answer", "said", "is_permanent"),
    [
        ("RCPT", "550 no such user", "refused the recipient (550)", True),
        ("RCPT", "450 mailbox busy", "refused the recipient (450)", False),
        ("MAIL", "451 later", "refused the mail (451)", False),
        ("DATA", "554 no", "refused the mail (554)", False),
        ("CONNECT", "421 too many", "refused the mail (421)", False),
        ("DATA", HANGS_UP, "can't be reached", False),
    ],
)
def test_a_refusal_says_whether_it_may_be_tried_again(
    post: MailServer, command: str, answer: str, said: str, is_permanent: bool
) -> None:
    post.answers = {command: answer}
    with pytest.raises(MailError) as refused:
        send(post.url)
    assert said in str(refused.value) and refused.value.is_permanent is is_permanent
    assert TO not in str(refused.value) and post.taken == []


@pytest.mark.parametrize("goodbye", ["500 what", HANGS_UP])
def test_what_was_taken_stays_taken_however_the_server_says_goodbye(
    post: MailServer, goodbye: str
) -> None:
    post.answers = {"QUIT": goodbye}
    send(post.url)
    assert len(post.taken) == 1


def test_a_server_that_is_away_is_said_to_be(post: MailServer) -> None:
    with pytest.raises(MailError, match=r"can't be reached: .+\.$") as refused:
        send(f"smtp://127.0.0.1:{free_port()}")
    assert not refused.value.is_permanent


def test_something_that_is_no_mail_server_is_said_to_be_none(post: MailServer) -> None:
    post.answers = {"CONNECT": "hello?"}
    with pytest.raises(MailError, match=r"127\.0\.0\.1:\d+ "):
        send(post.url)


def test_a_greeting_sends_nothing(post: MailServer) -> None:
    server = smtp.server_from(post.url)
    assert server is not None
    smtp.greet(server)
    assert post.taken == []
