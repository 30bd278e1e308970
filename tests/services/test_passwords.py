"""Passwords: what is refused, and how they are kept."""

import time

import pytest

from webapp.errors import InvalidError
from webapp.services import passwords

ABOUT = ("ana.ruiz@example.org", "Ana Ruiz", "Rivera for Council")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "green teapot forty",
        "mango tree house",
        "Tr0ub4dor&3x1",
        "x7#kQ2!mP9vL",
        "пароль из трёх слов",
        "🦆🦆 wandering ducks",
        "a" * 3 + "b7 quiet lake",
        "owner-password-2026",
        "kq8-zp2-vm4-tr9",
        " " * 4 + "tall ships",
        "lamp " * 25 + "abc",
    ],
)
def test_long_passwords_of_ones_own_are_taken_without_rules_of_composition(password: str) -> None:
    passwords.check(password, about=ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password2026!",
        "P@ssw0rd2026",
        "passwordpassword",
        "123456789012",
        "098765432109",
        "qwertyuiop12",
        "poiuytrewq12",
        "1q2w3e4r5t6y",
        "zaq12wsxcde3",
        "qazwsxedcrfv",
        "1qaz2wsx3edc",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "abcdefghijkl",
        "112233445566",
        "111111222222",
        "letmein12345",
        "iloveyou1234",
        "welcome12345!",
        "administrator",
        "sunshine sunshine",
        "monkey dragon!",
        "football2024",
        "changeme2026!",
        "correcthorsebatterystaple",
        "            ",
        "!!!!!!!!!!!!",
        "baseballbaseball",
    ],
)
def test_common_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidError, match="too easy to guess") as refusal:
        passwords.check(password)
    assert refusal.value.field == "password"


@pytest.mark.parametrize(
    "password", ["ana.ruiz@example.org", "AnaRuizAnaRuiz", "Rivera-2026!!", "riveraforcouncil1"]
)
def test_what_everybody_knows_about_a_person_is_no_password(password: str) -> None:
    with pytest.raises(InvalidError):
        passwords.check(password, about=ABOUT)


@pytest.mark.parametrize(
    ("length", "said"), [(0, "at least 12"), (11, "at least 12"), (129, "128 characters or fewer")]
)
def test_the_length_is_12_to_128(length: int, said: str) -> None:
    with pytest.raises(InvalidError, match=said):
        passwords.check("kq8zp2vm4tr9wjx5" * 8 + "y" if length == 129 else "kq8zp2vm4tr"[:length])


def test_a_password_is_kept_as_argon2id() -> None:
    stored = passwords.hash_of("green teapot forty")

    assert stored.startswith("$argon2id$")
    assert passwords.matches(stored, "green teapot forty")
    assert not passwords.matches(stored, "green teapot forty ")
    assert passwords.hash_of("green teapot forty") != stored


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert not passwords.is_outdated(passwords.hash_of("green teapot forty"))
    assert passwords.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$Xx2NYyPUQXyjkYFpl4mJrw")


@pytest.mark.parametrize("stored", ["", "broken", "$argon2id$v=19$m=8$x$y"])
def test_nothing_matches_where_nothing_usable_is_stored(stored: str) -> None:
    assert not passwords.matches(stored, "green teapot forty")
    assert not passwords.matches(stored, "")


def test_a_very_long_password_is_judged_quickly() -> None:
    began = time.perf_counter()
    for password in ("a1" * 64, "qwerty" * 21, "x" * 10_000):
        passwords.is_guessable(password[:128], ABOUT)
    assert time.perf_counter() - began < 1
