"""E.164 or a reason why not; and how a phone is shown, found and placed."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    ValidationResult,
)

# Decision 16: a phone without a country code is read as one of the US, Canada, US territories.
_HOME = "US"
_HOME_REGIONS = ("US", "CA", "PR", "GU", "VI", "AS", "MP")
_REMEMBERED = 4_096
_LONGEST = 250

# The usual written forms differ in these alone; "+" stays, because it changes the meaning.
_PUNCTUATION = str.maketrans("", "", " -.()")


# What the phone of an erased contact begins with.
ERASED = "erased:"


@dataclass(frozen=True, slots=True)
class Reading:
    """A phone as it was understood: `e164` ("+13125550142"), or None and a `reason`."""

    e164: str | None
    reason: str | None


def _home_numbers() -> re.Pattern[str]:
    """Ten digits that are a valid number at home, from the patterns of the package itself."""
    valid = "|".join(map(_national_numbers, _HOME_REGIONS))
    return re.compile(valid, re.ASCII)


def _national_numbers(region: str) -> str:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.general_desc is None:
        raise LookupError(f"phonenumbers knows no numbers for {region}")
    kinds = (
        metadata.fixed_line,
        metadata.mobile,
        metadata.toll_free,
        metadata.premium_rate,
    )
    patterns = {kind.national_number_pattern: None for kind in kinds if kind is not None}
    of_a_kind = "|".join(pattern for pattern in patterns if pattern)
    return f"(?=(?:{metadata.general_desc.national_number_pattern})\\Z)(?:{of_a_kind})\\Z"


_is_home_number = _home_numbers().match


def e164(raw: str) -> str | None:
    """The phone in E.164 or None, without a reason: for imports of a million rows.

    The usual forms of a US number are checked against the package's own patterns; everything
    else goes to the package, with a small memo. Both give the same answer (tested).
    """
    return read_fast(raw) or read_slowly(raw).e164


def read_fast(raw: str) -> str | None:
    """The E.164 of a number at home in a usual form; None says nothing, ask `read_slowly`."""
    if "." in raw[-3:]:  # A spreadsheet's "2125550142.0", whose last digit is none.
        return None
    digits = raw.translate(_PUNCTUATION)
    if len(digits) == 10:
        return "+1" + digits if _is_home_number(digits) else None
    if len(digits) == 11 and digits[0] == "1":
        return "+" + digits if _is_home_number(digits, 1) else None
    if len(digits) == 12 and digits[:2] == "+1":
        return digits if _is_home_number(digits, 2) else None
    return None


def read(raw: str) -> Reading:
    """What a person or a file wrote as a phone, in E.164, or a sentence why it is none.

    Without a country code it is read as US or Canada; with one ("+44 …", "0044 …",
    "011 44 …") it is kept as written there (decision 16). What spreadsheets add
    ("2125550142.0") is taken away, an extension is left out, letters are dialled
    ("1-800-FLOWERS"). A number that a spreadsheet has shortened is refused.
    """
    found = e164(raw)
    return Reading(found, None) if found else read_slowly(raw)


def read_slowly(raw: str) -> Reading:
    """`read` without its fast path: the package decides. Only for what the fast path leaves."""
    if len(raw) > _LONGEST:
        return Reading(None, f"{_quoted(raw)} is too long")
    return _remembered(raw)


_DECIMALS = re.compile(r"(\+?\d{7,15})\.0+")
_SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?e\+?0*(\d{1,2})", re.IGNORECASE)
_OUTBOUND = re.compile(r"\+?[\s(]*(?:00|011)(?=[\s.()-]*[1-9])")
_LABEL = re.compile(
    r"(?<=\d)[\s,:;/-]*\(?\s*(?:cell(?:ular)?|mobile|home|work|office|landline|fax|text|phone"
    r"|preferred|primary|main|[chmw])\.?\s*\)?$",
    re.IGNORECASE,
)
_DECORATION = str.maketrans("•·∙_~|", "      ")
_DIGITS_IN_NUMBER = 7
_TWO_NUMBERS = re.compile(
    r"(?:\d\D{0,3}){10}[;,/|&]\D{0,6}(?:\d\D{0,3}){10}$|(?:\d\D{0,3}){10} (?:or|and) "
)


@lru_cache(maxsize=_REMEMBERED)
def _remembered(raw: str) -> Reading:
    text = _cleaned(raw)
    if not any(char.isalnum() for char in text):
        return Reading(None, "No phone number")
    shortened = _SCIENTIFIC.fullmatch(text)
    if shortened:
        whole = shortened[1] + (shortened[2] or "")
        if len(whole) != int(shortened[3]) + 1:
            return Reading(None, f"A spreadsheet has shortened {_quoted(raw)}")
        text = whole
    return _judged(raw, _OUTBOUND.sub("+", text, count=1) if _OUTBOUND.match(text) else text)


def _cleaned(raw: str) -> str:
    """The text in plain characters, without invisible ones and a spreadsheet's additions."""
    plain = unicodedata.normalize("NFKC", raw)
    seen = "".join(char for char in plain if unicodedata.category(char) not in ("Cf", "Mn", "Me"))
    text = " ".join(seen.translate(_DECORATION).split()).strip(" '\"=`")
    decimals = _DECIMALS.fullmatch(text)
    return decimals[1] if decimals else _LABEL.sub("", text)


def _judged(raw: str, text: str) -> Reading:
    try:
        number = phonenumbers.parse(text, _HOME)
    except NumberParseException as problem:
        if _TWO_NUMBERS.search(text):
            return Reading(None, f"{_quoted(raw)} holds two numbers")
        return Reading(None, _unreadable(raw, text, problem.error_type))
    if len(number.extension or "") >= _DIGITS_IN_NUMBER or _TWO_NUMBERS.search(text):
        return Reading(None, f"{_quoted(raw)} holds two numbers")
    if phonenumbers.is_valid_number(number):
        return Reading(phonenumbers.format_number(number, PhoneNumberFormat.E164), None)
    return Reading(None, _invalid(raw, text, number))


def _unreadable(raw: str, text: str, problem: int) -> str:
    digits = sum(char.isdigit() for char in text)
    if problem == NumberParseException.INVALID_COUNTRY_CODE:
        return f"{_quoted(raw)} has an unknown country code"
    if problem == NumberParseException.TOO_LONG or digits > 15:
        return f"{_quoted(raw)} is too long"
    if 0 < digits < _DIGITS_IN_NUMBER:
        return f"{_quoted(raw)} is too short"
    return f"{_quoted(raw)} is not a phone number"


def _invalid(raw: str, text: str, number: phonenumbers.PhoneNumber) -> str:
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict == ValidationResult.IS_POSSIBLE_LOCAL_ONLY and number.country_code == 1:
        return f"{_quoted(raw)} has no area code"
    if verdict in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return f"{_quoted(raw)} is too short"
    if verdict == ValidationResult.TOO_LONG:
        return f"{_quoted(raw)} is too long"
    if number.country_code == 1:
        return f"{_quoted(raw)} is not a US or Canada number"
    return f"{_quoted(raw)} is not a number in its country"


def _quoted(raw: str) -> str:
    shown = " ".join("".join(char if char.isprintable() else " " for char in raw[:200]).split())
    return f"“{shown}”" if len(shown) <= 40 else f"“{shown[:40]}…”"


def pretty(e164: str) -> str:
    """A stored phone as people write it: "(312) 555-0142", "+44 20 7946 0018".

    A keyed hash, which is all that is kept of somebody who asked to be erased, is not shown.
    """
    if e164.startswith(ERASED):
        return "Erased number"
    if e164.startswith("+1") and len(e164) == 12:
        return f"({e164[2:5]}) {e164[5:8]}-{e164[8:]}"
    return _international(e164)


@lru_cache(maxsize=_REMEMBERED)
def _international(e164: str) -> str:
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


# In North America the area code alone says the region (tested over all of them).
_COUNTRY_OF_AREA: dict[str, str] = {}


def country(e164: str) -> str:
    """The region a stored phone belongs to ("US", "CA", "GB"); "" when there is none.

    US territories have regions of their own: Puerto Rico is "PR", Guam "GU".
    """
    if not e164.startswith("+1"):
        return _country_of(e164)
    area = e164[2:5]
    known = _COUNTRY_OF_AREA.get(area)
    if known is None:
        known = _country_of(e164)
        if known:
            _COUNTRY_OF_AREA[area] = known
    return known


@lru_cache(maxsize=_REMEMBERED)
def _country_of(e164: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(e164)) or ""
    except NumberParseException:
        return ""


def search_digits(text: str) -> str | None:
    """The digits of what someone typed into a search box; None when it is no number.

    Match them with the stored phone: it begins with "+" and the digits, or with "+1" and the
    digits, or ends with them. Three digits at least; a name with a digit is no number.
    """
    plain = unicodedata.normalize("NFKC", text[:_LONGEST])
    if any(char.isalpha() for char in plain):
        return None
    digits = re.sub(r"\D", "", _OUTBOUND.sub("+", plain.strip(), count=1), flags=re.ASCII)
    return digits if 3 <= len(digits) <= 15 else None
