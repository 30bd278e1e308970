"""Which column of a file is which field of ours: guessed, then corrected by a person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.errors import InvalidError
from webapp.models import Tag, Texting
from webapp.texting import names, phones

# Our field → the heading of its column.
Matched = dict[str, str]
# Our fields, as mappings, forms and `--map` name them. Besides: "tag:<id>" adds an own tag,
# "field:<name>" is kept as a merge field. Several columns may record the same opt-out or tag:
# the second one's field is "opt_out_p2p#2".
FIELDS = {
    "phone": "Phone",
    "first_name": "First name",
    "last_name": "Last name",
    "name": "Full name",
    "state": "State",
    "city": "City",
    "opt_out_p2p": "Opt Out (P2P)",
    "opt_out_broadcast": "Opt Out (Broadcast)",
}
OPT_OUTS = {"opt_out_p2p": Texting.P2P, "opt_out_broadcast": Texting.BROADCAST}
MOST_MERGE_FIELDS = 40
LONGEST_FIELD_NAME = 40
LONGEST_SAMPLE = 60
# What people call these columns, letters and digits alone; the first one found wins.
_KNOWN_AS = {
    "phone": "cell cellphone cellphonenumber cellnumber mobile mobilephone mobilephonenumber "
    "mobilenumber phone phonenumber primaryphone preferredphone bestphone phone1 phonecell "
    "telephone telephonenumber tel number contactnumber e164 telefono celular",
    "first_name": "firstname first fname givenname forename nombre",
    "last_name": "lastname last lname surname familyname apellido apellidos",
    "name": "name fullname contactname votername displayname",
    "state": "stateabbrev stateabbreviation statecode state st province stateprovince estado",
    "city": "city town municipality cityname ciudad",
}
_KNOWN_AS_FIELDS = {"state_abbrev": "state"}
_TRUE = frozenset(
    "true;t;yes;y;1;1.0;x;on;si;sí;✓;✔;✅;checked;stop;"
    "opted out;opt out;opted-out;opt-out;optout;opted_out;opt_out".split(";")
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its heading, sample values, and what it was taken for."""

    heading: str
    samples: tuple[str, ...]
    fields: tuple[str, ...]  # () is left out


def guess(headings: Sequence[str], sample: Sequence[Sequence[str]], tags: Sequence[Tag]) -> Matched:
    """What each column probably is; columns nobody knows are kept as merge fields.

    A column that is called like an opt-out is taken for one, of both kinds unless it names one:
    it can only ever add an opt-out (decision 27). A column called like a tag of the campaign
    adds that tag.
    """
    mapping: Matched = {}
    free = {heading: letters(heading) for heading in headings}
    for field, known in _KNOWN_AS.items():
        for name in known.split():
            found = next((heading for heading, plain in free.items() if plain == name), None)
            if found is not None:
                mapping[field] = found
                del free[found]
                break
    if "phone" not in mapping:
        _find_phone(mapping, headings, sample, free)
    if "first_name" in mapping or "last_name" in mapping:
        mapping.pop("name", None)
    _guess_rest(mapping, list(free), tags)
    return mapping


def heading_called(column: str, headings: Sequence[str]) -> str:
    """The heading of a file that somebody wrote; InvalidError (field "mapping") if it has none."""
    by_name = {heading.casefold(): heading for heading in headings}
    heading = by_name.get(" ".join(column.split()).casefold())
    if heading is None:
        raise InvalidError(
            f"The file has no column “{column}”. It has: {', '.join(headings)}.",
            field="mapping",
        )
    return heading


def merged(guessed: Matched, chosen: Mapping[str, str], headings: Sequence[str]) -> Matched:
    """A guess corrected by `--map field=Column`; an empty column leaves the field out.

    Raises InvalidError (field "mapping") for a column that the file does not have. A name that
    is none of our fields becomes a merge field of that name.
    """
    mapping = dict(guessed)
    for given, column in chosen.items():
        field = as_field(given)
        if not column.strip():
            mapping = {key: of for key, of in mapping.items() if plain_field(key) != field}
            continue
        heading = heading_called(column, headings)
        for other in [key for key, value in mapping.items() if value == heading]:
            if not (marks(other) and marks(field)):
                del mapping[other]
        put(mapping, field, heading)
    return mapping


def as_field(given: str) -> str:
    """Our name for what somebody calls a field: one of FIELDS, a tag, or a merge field."""
    name = given.strip().casefold().replace("-", "_")
    name = _KNOWN_AS_FIELDS.get(name, name)
    if name in FIELDS or name.startswith("tag:"):
        return name
    return f"field:{field_name(name.removeprefix('field:'))}"


def check(mapping: Matched, headings: Sequence[str], tags: Sequence[Tag]) -> None:
    """Refuse (InvalidError, field "mapping") a mapping that cannot be imported.

    A phone column is needed; tags have to be the campaign's own, built-in ones have fields of
    their own.
    """
    if not mapping.get("phone"):
        raise InvalidError(
            "No column of this file holds phone numbers. Say which one is the phone.",
            field="mapping",
        )
    own = {f"tag:{tag.id}" for tag in tags if not tag.is_built_in and tag.archived_at is None}
    for key, heading in mapping.items():
        field = plain_field(key)
        if heading not in headings:
            raise InvalidError(f"The file has no column “{heading}”.", field="mapping")
        if field.startswith("tag:") and field not in own:
            raise InvalidError("That tag is not one of this campaign's own.", field="mapping")
        if field not in FIELDS and not field.startswith(("tag:", "field:")):
            raise InvalidError(f"There is no field “{field}”.", field="mapping")
    if sum(field.startswith("field:") for field in mapping) > MOST_MERGE_FIELDS:
        raise InvalidError(
            f"Keep {MOST_MERGE_FIELDS} merge fields at most and leave the others out.",
            field="mapping",
        )


def columns(
    headings: Sequence[str], sample: Sequence[Sequence[str]], mapping: Matched
) -> list[Column]:
    """The file's columns for the page that matches them."""
    fields: dict[str, list[str]] = {}
    for field, heading in mapping.items():
        fields.setdefault(heading, []).append(plain_field(field))
    found = []
    for place, heading in enumerate(headings):
        values = [row[place].strip() for row in sample if len(row) > place]
        shown = [value[:LONGEST_SAMPLE] for value in values if value][:3]
        found.append(Column(heading, tuple(shown), tuple(fields.get(heading, ()))))
    return found


def field_name(heading: str) -> str:
    """A heading as the name of a merge field: "Polling place" gives "polling_place"."""
    name = re.sub(r"\W+", "_", heading.strip().casefold()).strip("_")
    return name[:LONGEST_FIELD_NAME] or "field"


def is_true(cell: str) -> bool:
    """Whether a cell says yes. Anything else changes nothing (decision 27)."""
    return " ".join(cell.split()).casefold() in _TRUE


def plain_field(field: str) -> str:
    """The field without its count: "opt_out_p2p#2" gives "opt_out_p2p"."""
    return field.partition("#")[0]


def put(mapping: Matched, field: str, heading: str) -> None:
    """Match a column; one that marks people stands beside another that marks them alike."""
    key, count = field, 1
    while key in mapping and mapping[key] != heading and marks(field):
        count += 1
        key = f"{field}#{count}"
    mapping[key] = heading


def marks(field: str) -> bool:
    """Whether a column of this field marks people with an opt-out or a tag."""
    return plain_field(field) in OPT_OUTS or field.startswith("tag:")


def letters(heading: str) -> str:
    """The letters and digits of a heading, in one case."""
    return "".join(char for char in heading.casefold() if char.isalnum())


def _find_phone(
    mapping: Matched,
    headings: Sequence[str],
    sample: Sequence[Sequence[str]],
    free: dict[str, str],
) -> None:
    """The column most of whose values are phones, when none is called so."""
    counts = {
        heading: sum(phones.e164("".join(row[place : place + 1])) is not None for row in sample)
        for place, heading in enumerate(headings)
        if heading in free
    }
    best = max(counts, key=lambda heading: counts[heading], default=None)
    if best is not None and counts[best] * 2 > len(sample):
        mapping["phone"] = best
        del free[best]


def _guess_rest(mapping: Matched, rest: list[str], tags: Sequence[Tag]) -> None:
    own = {tag.folded_name: tag.id for tag in tags if not tag.is_built_in}
    if rest and rest[-1] == "Reason":
        rest.pop()  # The last column of our own file of rejected rows.
    kept = 0
    for heading in rest:
        if names.judge(heading) is names.Verdict.REFUSED:
            for field in _opt_outs(heading):
                put(mapping, field, heading)
        elif tag_id := own.get(names.fold(heading)):
            put(mapping, f"tag:{tag_id}", heading)
        elif kept < MOST_MERGE_FIELDS and not re.fullmatch(r"Column \d+", heading):
            kept += mapping.setdefault(f"field:{field_name(heading)}", heading) == heading


def _opt_outs(heading: str) -> tuple[str, ...]:
    plain = letters(heading)
    if "p2p" in plain or "peer" in plain:
        return ("opt_out_p2p",)
    return ("opt_out_broadcast",) if "broadcast" in plain else tuple(OPT_OUTS)
