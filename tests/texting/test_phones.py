"""Every way of writing a phone meets the same contact, or says why it is none."""

import random

import phonenumbers
import pytest

from tests.texting.reading import rows
from webapp.texting import phones
from webapp.texting.phones import country, e164, pretty, read, search_digits

CASES = rows("phones")


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["raw"])[:60])
def test_a_phone_is_read_as_the_table_says(case):
    reading = read(case["raw"])

    assert {"raw": case["raw"], "e164": reading.e164, "reason": reading.reason} == case


def test_the_table_is_large():
    assert len(CASES) >= 150


def _package(raw: str) -> str | None:
    try:
        number = phonenumbers.parse(raw, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _random_phones(count: int) -> list[str]:
    """Digits with the usual signs between them, most of about the right length."""
    chance = random.Random(20)
    signs = "0123456789" * 4 + " -.()"
    lengths = (3, 7, 9, 10, 10, 10, 11, 11, 12, 13, 16)
    beginnings = ("", "", "", "1", "+1", "(", "+", " ")
    return [
        chance.choice(beginnings) + "".join(chance.choices(signs, k=chance.choice(lengths)))
        for _ in range(count)
    ]


def test_the_fast_path_and_the_slow_one_agree_on_100_000_random_strings():
    fast = {raw: phones.read_fast(raw) for raw in _random_phones(100_000)}
    # What the fast path leaves goes to the slow one, so only what it takes can differ.
    taken = {raw: found for raw, found in fast.items() if found}

    assert len(taken) > 5_000
    assert [raw for raw in taken if phones.read_slowly(raw).e164 != taken[raw]] == []


def test_both_agree_with_the_package_wherever_nothing_was_added_to_it():
    # What we read and the package does not: 0044 …, and a spreadsheet's ".0".
    added = ("00", "011", ".0")
    plain = [raw for raw in _random_phones(20_000) if not any(sign in raw for sign in added)]

    assert [raw for raw in plain if e164(raw) != _package(raw)] == []


def test_both_agree_on_every_area_code():
    chance = random.Random(1)
    numbers = [
        f"{area}{exchange}{chance.randrange(10_000):04}"
        for area in range(200, 1000)
        for exchange in (155, 211, 300, 484, 555, 700, 911, 988)
    ]

    assert [raw for raw in numbers if e164(raw) != _package(raw)] == []


def test_fictional_numbers_are_valid_in_every_area_code_of_the_states_and_canada():
    assert e164("(312) 555-0142") == "+13125550142"
    assert {country(f"+1{area}5550142") for area in (312, 212, 907, 808, 202)} == {"US"}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+13125550142", "(312) 555-0142"),
        ("+17875550142", "(787) 555-0142"),
        ("+442079460018", "+44 20 7946 0018"),
        ("+525512345678", "+52 55 1234 5678"),
        ("nonsense", "nonsense"),
        ("erased:ef174a3136cb79d4", "Erased number"),
    ],
)
def test_a_stored_phone_is_shown_as_people_write_it(stored, shown):
    assert pretty(stored) == shown


@pytest.mark.parametrize("raw", [case["raw"] for case in CASES if case["e164"]])
def test_what_is_shown_and_what_is_stored_are_read_back(raw):
    stored = read(raw).e164

    assert stored is not None
    assert read(stored).e164 == stored
    assert read(pretty(stored)).e164 == stored


@pytest.mark.parametrize(
    ("stored", "region"),
    [
        ("+13125550142", "US"),
        ("+18005550199", "US"),
        ("+14165550142", "CA"),
        ("+18675550142", "CA"),
        ("+17875550142", "PR"),
        ("+16715550142", "GU"),
        ("+13407781234", "VI"),
        ("+16702341234", "MP"),
        ("+16846331234", "AS"),
        ("+12423571234", "BS"),
        ("+18765551234", "JM"),
        ("+442079460018", "GB"),
        ("+525512345678", "MX"),
        ("", ""),
        ("+1", ""),
        ("+99912345678", ""),
    ],
)
def test_a_phone_belongs_to_a_region(stored, region):
    assert country(stored) == region


def test_the_area_code_alone_says_the_region_in_north_america():
    for area in range(200, 1000):
        regions = {
            phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{area}{exchange}0142"))
            for exchange in (212, 340, 456, 555, 730, 961)
        }
        assert len(regions - {None}) <= 1, area


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("312", "312"),
        ("(312) 555", "312555"),
        ("0142", "0142"),
        ("555-0142", "5550142"),
        ("+1 312 555 0142", "13125550142"),
        ("0044 20", "4420"),
        ("３１２", "312"),
        ("12", None),
        ("", None),
        ("Ana", None),
        ("Ana 312", None),
        ("1" * 40, None),
    ],
)
def test_what_looks_like_a_phone_in_a_search_box_is_searched_as_digits(typed, digits):
    assert search_digits(typed) == digits


def test_a_text_of_a_megabyte_is_no_phone_and_is_quoted_short():
    reading = read("3" * 1_000_000)

    assert reading.e164 is None
    assert reading.reason == f"“{'3' * 40}…” is too long"


def test_control_characters_do_not_get_into_a_reason():
    assert read("12\x00\x1b[31m\n3").reason == "“12 [31m 3” is too short"
