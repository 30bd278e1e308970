"""Which column of a file of opt-outs is what."""

from collections.abc import Mapping, Sequence

from webapp.errors import InvalidError
from webapp.services import import_columns
from webapp.services.import_columns import Matched
from webapp.texting import names

# Our fields, as forms and `--map` name them. The source of a row is staged as a merge field.
FIELDS = {
    "phone": "Phone",
    "kind": "Kind of texting",
    "source": "Where the request came from",
}
SOURCE = "field:source"
# What people call these columns, letters and digits alone.
_KINDS = "kind kindoftexting channel texting type optouttype texttype".split()
_SOURCES = "source how reason note notes requestsource optoutsource optoutreason text".split()


def guess(headings: Sequence[str], sample: Sequence[Sequence[str]]) -> Matched:
    """What the columns probably are; those that no opt-out needs are left out."""
    found = import_columns.guess(headings, sample, ())
    mapping: Matched = {"phone": found["phone"]} if "phone" in found else {}
    for field, known in (("kind", _KINDS), (SOURCE, _SOURCES)):
        heading = _called(known, [one for one in headings if one not in mapping.values()])
        if heading is not None:
            mapping[field] = heading
    return mapping


def merged(guessed: Matched, chosen: Mapping[str, str], headings: Sequence[str]) -> Matched:
    """A guess corrected by hand, "source" to a heading; an empty heading leaves the field out.

    Raises InvalidError (field "mapping") for a field or a column that is not there, and for one
    column that is two things.
    """
    mapping = dict(guessed)
    for given, column in chosen.items():
        name = given.strip().casefold()
        if name not in FIELDS:
            raise InvalidError(f"There is no field “{given}”.", field="mapping")
        field = SOURCE if name == "source" else name
        mapping.pop(field, None)
        if not column.strip():
            continue
        heading = import_columns.heading_called(column, headings)
        mapping = {key: of for key, of in mapping.items() if of != heading} | {field: heading}
    return mapping


def check(mapping: Matched, headings: Sequence[str]) -> None:
    """Refuse (InvalidError, field "mapping") a mapping without a phone or with unknown columns."""
    if not mapping.get("phone"):
        raise InvalidError(
            "No column of this file holds phone numbers. Say which one is the phone.",
            field="mapping",
        )
    for heading in mapping.values():
        if heading not in headings:
            raise InvalidError(f"The file has no column “{heading}”.", field="mapping")


def yes_or_no(headings: Sequence[str], mapping: Matched) -> list[str]:
    """Columns that look as if each row said whether somebody is opted out.

    Here every row counts, so a person should look before such a file is brought in.
    """
    taken = set(mapping.values())
    return [
        one for one in headings if one not in taken and names.judge(one) is names.Verdict.REFUSED
    ]


def _called(known: Sequence[str], headings: Sequence[str]) -> str | None:
    plain = {import_columns.letters(heading): heading for heading in reversed(headings)}
    return next((plain[name] for name in known if name in plain), None)
