"""`user add|reset|list`."""

import sys
from dataclasses import dataclass
from typing import Any

import click
from flask import current_app
from sqlalchemy import select

from webapp.cli.common import answer, find_campaign, json_option
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.errors import InvalidError, NotFoundError
from webapp.models import Actor, Role, User
from webapp.services import accounts, members, team

password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, one line."
)


def stdin_password(wanted: bool) -> str | None:
    """The password on standard input's first line, when it was asked for.

    Raises InvalidError when none came: a script whose variable is empty must not get a link.
    """
    if not wanted:
        return None
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise InvalidError("There is no password on standard input.", field="password")
    return password


@dataclass(frozen=True)
class Account:
    """Somebody's account, there already or about to be made; hashed before the transaction."""

    email: str
    name: str
    password_hash: str

    def make(self) -> tuple[User, str | None]:
        """The person; and for a new account without a password the link to choose one."""
        there = accounts.find(self.email)
        if there is not None:
            return there, None
        now = utc_now()
        made = accounts.create(self.email, self.name, password_hash=self.password_hash, now=now)
        return made, None if self.password_hash else reset_url(made)


def account(email: str, name: str, password: str | None) -> Account:
    """An account as it will be; the password is checked and hashed here."""
    email = accounts.checked_email(email)
    name = name or email.partition("@")[0]
    known = accounts.find(email) is not None
    hashed = accounts.new_password_hash(password, email) if password and not known else ""
    return Account(email, name, hashed)


def reset_url(user: User) -> str:
    """A link with which this person chooses a password, once, within 24 hours."""
    settings: Settings = current_app.extensions["settings"]
    token = accounts.make_reset_link(user, by=None, now=utc_now())
    return f"{settings.public_url}/reset/{token}"


@click.group()
def user() -> None:
    """People with accounts."""


@user.command()
@click.argument("email")
@click.option("--campaign", "slug", required=True, help="The campaign's slug.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="Their name; the part of the email before @ if left out.")
@password_option
@json_option
def add(email: str, slug: str, role: str, name: str, password_stdin: bool, as_json: bool) -> None:
    """Put EMAIL into a campaign with a role; the same again changes nothing.

    A new account without --password-stdin gets a link to choose a password.
    """
    found = find_campaign(slug)
    theirs = account(email, name, stdin_password(password_stdin))
    with transaction():
        person, link = theirs.make()
        changed = team.add(found, person, Role(role), by=None, actor=Actor.HOST, now=utc_now())
        changed = changed or team.set_role(
            found, person, Role(role), by=None, actor=Actor.HOST, now=utc_now()
        )
    facts: dict[str, Any] = {"email": person.email, "role": role, "changed": changed}
    words = f"{person.email} is {role} of “{slug}”."
    if link:
        facts["link"] = link
        words += f"\nTo choose a password: {link}"
    answer(facts, words, as_json=as_json)


@user.command()
@click.argument("email")
@password_option
@json_option
def reset(email: str, password_stdin: bool, as_json: bool) -> None:
    """Give EMAIL a new password and end their sessions.

    Without --password-stdin a link is printed with which they choose one.
    """
    person = accounts.find(email)
    if person is None:
        raise NotFoundError(f"There is no account with {email}.")
    password = stdin_password(password_stdin)
    hashed = accounts.new_password_hash(password, person.email, person.name) if password else None
    with transaction():
        ended = accounts.sign_out_everywhere(person, now=utc_now())
        if hashed is not None:
            accounts.set_password(person, password_hash=hashed, by=None, now=utc_now())
        link = None if hashed else reset_url(person)
    facts: dict[str, Any] = {"email": person.email, "changed": True, "sessions_ended": ended}
    words = f"{person.email} has a new password."
    if link:
        facts["link"] = link
        words = f"{person.email} chooses a new password here: {link}"
    answer(facts, words, as_json=as_json)


@user.command("list")
@click.option("--campaign", "slug", help="Those of one campaign.")
@json_option
def list_(slug: str | None, as_json: bool) -> None:
    """People with accounts, one a line."""
    if slug is None:
        for person in db.session.scalars(select(User).order_by(User.email)):
            answer({"email": person.email, "name": person.name}, person.email, as_json=as_json)
        return
    for one in members.people(find_campaign(slug)):
        role = one.membership.role.value
        facts = {"email": one.user.email, "name": one.user.name, "role": role}
        answer(facts, f"{one.user.email} {role}", as_json=as_json)
