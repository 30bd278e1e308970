"""Accounts, sessions and reset links."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError, NotFoundError
from webapp.models import Actor, Event, LoginSession, TrailEntry
from webapp.models.people import hash_of
from webapp.services import accounts, passwords

NEW = "wandering ducks at noon"


def open_sessions(user) -> int:
    return db.session.scalar(
        select(func.count()).where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
    )


def test_an_email_is_one_account_in_any_letter_case() -> None:
    with transaction():
        made = accounts.create(" Ana@Example.ORG ", "Ana  Ruiz", password_hash="", now=utc_now())

    assert (made.email, made.name) == ("ana@example.org", "Ana Ruiz")
    assert accounts.find("ANA@example.org") == made
    with pytest.raises(ConflictError), transaction():
        accounts.create("aNa@example.org", "Eve", password_hash="", now=utc_now())


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ana",
        "ana@",
        "@example.org",
        "ana@example",
        "a b@example.org",
        "ana@exa\x00mple.org",
        "ana@example.org\nbcc: x@y.z",
        "ana@example.",
        "a@" + "x" * 250 + ".org",
    ],
)
def test_what_is_no_email_is_refused(email: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        accounts.checked_email(email)
    assert refusal.value.field == "email"


@pytest.mark.parametrize("name", ["", "  ", "a" * 81, "Ana\x07", "Ana\u202eRuiz"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidError):
        accounts.checked_name(name)


def test_the_same_is_said_for_a_wrong_password_and_an_unknown_email() -> None:
    person = factories.user()
    assert accounts.who(person.email.upper(), factories.PASSWORD) == person

    said = set()
    for email, password in [
        (person.email, "wrong"),
        ("nobody@example.org", factories.PASSWORD),
        (person.email, factories.PASSWORD + " "),
        (person.email, ""),
        ("", ""),
    ]:
        with pytest.raises(InvalidError) as refusal:
            accounts.who(email, password)
        said.add((str(refusal.value), refusal.value.field))
    assert said == {("That email and password don't match.", "")}


def test_an_account_without_a_password_signs_nobody_in() -> None:
    person = factories.user(password_hash="")
    for password in ("", "nobody has this password"):
        with pytest.raises(InvalidError):
            accounts.who(person.email, password)


def test_an_unknown_email_costs_as_much_work_as_a_known_one(monkeypatch) -> None:
    person, checked = factories.user(), []
    verify = passwords._hasher.verify
    monkeypatch.setattr(
        passwords,
        "_hasher",
        type(
            "Counting",
            (),
            {
                "verify": staticmethod(lambda *a: checked.append(a[0]) or verify(*a)),
                "hash": passwords._hasher.hash,
            },
        ),
    )
    for email in (person.email, "nobody@example.org", factories.user(password_hash="").email):
        with pytest.raises(InvalidError):
            accounts.who(email, "wrong")

    def parameters(stored: str) -> list[str]:
        return stored.split("$")[:4]

    assert len(checked) == 3
    assert parameters(checked[0]) == parameters(checked[1]) == parameters(checked[2])


def test_an_outdated_hash_is_renewed_at_the_next_sign_in() -> None:
    old = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$Xx2NYyPUQXyjkYFpl4mJrw"
    person = factories.user(password_hash=old)

    renewed = accounts.renewed_hash(person, NEW)
    with transaction():
        accounts.sign_in(person, renewed_hash=renewed, now=utc_now())

    assert accounts.who(person.email, NEW) == person
    assert accounts.renewed_hash(person, NEW) is None


def test_signing_out_ends_one_session_and_everywhere_ends_all() -> None:
    person, now = factories.user(), utc_now()
    with transaction():
        tokens = [accounts.sign_in(person, now=now) for _ in range(4)]
        accounts.sign_out(tokens[0], now=now)
        accounts.sign_out(tokens[0], now=now)
    assert open_sessions(person) == 3

    with transaction():
        assert accounts.sign_out_everywhere(person, except_token=tokens[1], now=now) == 2
    assert db.session.scalars(
        select(LoginSession.token_hash).where(LoginSession.ended_at.is_(None))
    ).all() == [hash_of(tokens[1])]


def test_a_new_password_ends_the_other_sessions_and_leaves_a_trail() -> None:
    person, now = factories.user(), utc_now()
    with transaction():
        kept, _lost = (accounts.sign_in(person, now=now) for _ in range(2))
        hashed = accounts.new_password_hash(NEW, person.email)
        accounts.set_password(person, password_hash=hashed, keep_token=kept, by=person, now=now)

    assert accounts.who(person.email, NEW) == person
    assert open_sessions(person) == 1
    entry = db.session.scalars(select(TrailEntry)).one()
    assert (entry.event, entry.actor) == (Event.PASSWORD_RESET, Actor.PERSON)
    assert (entry.about, entry.about_id) == ("person", person.id)


def test_a_reset_link_works_once() -> None:
    person, now = factories.user(), utc_now()
    hashed = passwords.hash_of(NEW)
    with transaction():
        accounts.sign_in(person, now=now)
        token = accounts.make_reset_link(person, by=None, now=now)
    assert accounts.reset_link(token, now=now) == person

    with transaction():
        accounts.use_reset_link(token, password_hash=hashed, now=now)

    assert accounts.who(person.email, NEW) == person
    assert open_sessions(person) == 0
    with pytest.raises(NotFoundError, match="This link has expired"), transaction():
        accounts.use_reset_link(token, password_hash=hashed, now=now)


def test_a_reset_link_lasts_a_day_and_a_newer_one_ends_it() -> None:
    person, now = factories.user(), utc_now()
    with transaction():
        first = accounts.make_reset_link(person, by=None, now=now)
        second = accounts.make_reset_link(person, by=None, now=now)

    with pytest.raises(NotFoundError):
        accounts.reset_link(first, now=now)
    assert accounts.reset_link(second, now=now + timedelta(hours=23, minutes=59)) == person
    with pytest.raises(NotFoundError):
        accounts.reset_link(second, now=now + timedelta(hours=24))
    with pytest.raises(NotFoundError):
        accounts.reset_link("", now=now)


def test_preferences_are_ones_own() -> None:
    person = factories.user()
    with transaction():
        accounts.set_preferences(
            person, name="Ana Ruiz", theme="dark", shortcuts=False, archives_on_report=False
        )
    assert (person.name, person.theme, person.shortcuts) == ("Ana Ruiz", "dark", False)
    with pytest.raises(InvalidError), transaction():
        accounts.set_preferences(
            person, name="Ana", theme="pink", shortcuts=True, archives_on_report=True
        )
