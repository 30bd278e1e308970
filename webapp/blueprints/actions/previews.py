"""How the first texts read for real people of the audience, and how long they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.models import Action, ActionKind, Campaign, Contact, User
from webapp.services import audience, scripts
from webapp.texting import scripts as wording
from webapp.texting import segments

SAMPLES = 25


@dataclass(frozen=True, slots=True)
class Version:
    """One first text for the contact shown, and how many texts it takes for all samples."""

    text: str
    units: int
    limit: int
    fewest: int
    most: int
    odd: list[str]  # characters that make every part shorter
    problems: list[str]
    says_opt_out: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The versions of the first text for one person; `of` people can be looked through."""

    contact: Contact
    place: int
    of: int
    versions: list[Version]


def preview(
    action: Action, campaign: Campaign, bodies: Sequence[str], *, place: int, by: User
) -> Preview:
    """The texts for the person in this place of the audience's first ones; places wrap around.

    `by` stands in for the texter, where there is one.

    Before a list is chosen a made-up person stands in; `of` is 0 then. Nothing is written.
    """
    people = audience.samples(action, limit=SAMPLES)
    shown = place % len(people) if people else 0
    contact = people[shown] if people else _stand_in(campaign)
    known = scripts.known_variables(action)
    texter = by if action.kind is ActionKind.P2P else None
    return Preview(
        contact=contact,
        place=shown,
        of=len(people),
        versions=[
            _version(body, action, contact, people or [contact], campaign, texter, known)
            for body in map(scripts.wording_plain, bodies)
            if body
        ],
    )


def _version(
    body: str,
    action: Action,
    contact: Contact,
    people: Sequence[Contact],
    campaign: Campaign,
    texter: User | None,
    known: Sequence[str],
) -> Version:
    text = scripts.render(body, contact, texter, campaign)
    counted = segments.count(text)
    parts = [segments.count(scripts.render(body, one, texter, campaign)).parts for one in people]
    return Version(
        text=text,
        units=counted.units,
        limit=counted.limit * counted.parts,
        fewest=min(parts),
        most=max(parts),
        odd=segments.odd_characters(body),
        problems=[*wording.check(body, known), *scripts.without_texter(action, body)],
        says_opt_out=wording.has_opt_out_wording(body),
    )


def _stand_in(campaign: Campaign) -> Contact:
    """A made-up person, never stored."""
    return Contact(
        campaign_id=campaign.id,
        phone="+13125550142",
        first_name="Renee",
        last_name="Mackey",
        city="Chicago",
        fields={},
    )
