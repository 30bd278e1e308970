"""The mailer: hands the alarms that are written down to the mail server, apart from everything
else, so that a slow one holds up no text and no page."""

import threading
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from flask import Flask

from webapp import smtp
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.models import ActionState
from webapp.services import alarm_mails
from webapp.services.alarm_mails import Letter
from webapp.smtp import MailError
from webapp.web.logs import log

EVERY = 5.0  # seconds between two looks
SUBJECTS = {
    ActionState.PAUSED: "Heed paused “{}”",
    ActionState.DRAFT: "Heed didn’t send “{}”",
}
WARNS = "Many opt-outs in “{}”"


class Mailer(threading.Thread):
    """One thread that mails; any number may run, in any number of processes."""

    def __init__(self, app: Flask, stopping: threading.Event) -> None:
        super().__init__(name="mailer", daemon=True)
        self.app, self.stopping = app, stopping
        self.settings: Settings = app.extensions["settings"]

    def run(self) -> None:
        """Mail until told to stop; whatever goes wrong is logged and tried again."""
        while not self.stopping.is_set():
            try:
                self.send_all()
            except Exception as error:
                log.exception("mailing stopped", kind=type(error).__name__)
            self.stopping.wait(EVERY)

    def send_all(self) -> int:
        """Hand over what is to be sent now; how many mails the server took.

        No transaction is open over the talk with the server.
        """
        taken = 0
        with self.app.app_context():
            while not self.stopping.is_set() and self._is_waiting():
                with transaction():
                    letter = alarm_mails.claim(now=utc_now())
                if letter is not None:
                    taken += self._send(letter)
        return taken

    def _is_waiting(self) -> bool:
        waiting = alarm_mails.is_waiting(now=utc_now())
        db.session.rollback()
        return waiting

    def _send(self, letter: Letter) -> bool:
        server, sender = self.settings.mail_server, self.settings.mail_from
        if server is None:
            raise RuntimeError("There is no mail server to hand a mail to.")
        try:
            mail = written(letter, sender=sender, public_url=self.settings.public_url)
            smtp.hand_over(server, mail, sender=sender, to=letter.to)
        except MailError as error:
            log.warning("an alarm was not mailed", mail=letter.mail_id, why=str(error))
            with transaction():
                alarm_mails.refused(letter, str(error), for_good=error.is_permanent, now=utc_now())
            return False
        with transaction():
            alarm_mails.sent(letter, now=utc_now())
        return True


def written(letter: Letter, *, sender: str, public_url: str) -> EmailMessage:
    """The mail itself. Handed over twice it carries the same id, so that one copy is shown.

    MailError for an address that can't stand in a mail.
    """
    mail = EmailMessage()
    subject = SUBJECTS.get(letter.state, WARNS)
    try:
        mail["From"] = Address("Heed", addr_spec=sender)
        mail["To"] = Address(addr_spec=letter.to)
    except Exception as error:  # The parser of the standard library breaks in many ways.
        log.error("an address can't stand in a mail", mail=letter.mail_id)
        raise MailError("The person's address can't be used.", is_permanent=True) from error
    mail["Subject"] = subject.format(letter.action)
    mail["Date"] = format_datetime(utc_now())
    mail["Message-ID"] = f"<alarm-{letter.mail_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        f"{letter.sentence}\n\n"
        f"“{letter.action}” in {letter.campaign}:\n"
        f"{public_url}/c/{letter.slug}/actions/{letter.action_id}\n\n"
        "You get this because you run this campaign.\n"
    )
    return mail
