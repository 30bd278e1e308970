"""`optouts list|export|add|import|lift`: the ledger of opt-outs from the command line."""

import click

from webapp.cli.common import answer, find_campaign, find_member, json_option
from webapp.cli.optout_importing import bring_in
from webapp.cli.written import in_json
from webapp.db import transaction, utc_now
from webapp.errors import ForbiddenError, InvalidError, NotFoundError
from webapp.models import Campaign, Contact, Texting, User
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import contacts_by_phone, exports, ledger, sheets
from webapp.services import optouts as rules
from webapp.texting import phones

kind_option = click.option(
    "--kind",
    type=click.Choice([kind.value for kind in Texting]),
    required=True,
    help="Which kind of texting stops.",
)


@click.group()
def optouts() -> None:
    """Who is opted out, and recording and lifting it."""


optouts.add_command(bring_in)


@optouts.command("list")
@click.argument("slug")
@json_option
def list_(slug: str, as_json: bool) -> None:
    """Every current opt-out of a campaign, one a line; in JSON, one object a line."""
    campaign = find_campaign(slug)
    for row in exports.opt_outs(campaign.id):
        facts = dict(zip(exports.OPT_OUTS, row, strict=True))
        click.echo(in_json(facts) if as_json else "  ".join(row[:5]))


@optouts.command()
@click.argument("slug")
def export(slug: str) -> None:
    """Every current opt-out as CSV on standard output: phone,kind,since,source,by,text.

    Cells that a spreadsheet would run as a formula begin with an apostrophe.
    """
    campaign = find_campaign(slug)
    with transaction():
        exports.note(campaign.id, "opt-outs", by=None, now=utc_now())
    for line in sheets.lines(exports.OPT_OUTS, exports.opt_outs(campaign.id)):
        click.echo(line, nl=False)


@optouts.command()
@click.argument("slug")
@click.argument("phone")
@kind_option
@click.option("--source", required=True, help="How the request reached you; kept as the proof.")
@json_option
def add(slug: str, phone: str, kind: str, source: str, as_json: bool) -> None:
    """Opt PHONE out of one kind of texting; an unknown number becomes a contact."""
    texting = Texting(kind)
    with transaction():
        campaign = find_campaign(slug)
        added = ledger.log_request(campaign, phone, [texting], source, by=None, now=utc_now())
    changed = added[texting]
    number = phones.read(phone).e164 or phone
    done = "now has" if changed else "had"
    answer(
        {"changed": changed, "phone": number, "kind": kind},
        f"{number} {done} {BUILT_IN_NAMES[texting]}{'' if changed else ' already'}.",
        as_json=as_json,
    )


@optouts.command()
@click.argument("slug")
@click.argument("phone")
@kind_option
@click.option("--reason", required=True, help="Why, in at least 10 characters; kept.")
@click.option("--by", "email", required=True, help="The admin or owner who lifts it.")
@json_option
def lift(slug: str, phone: str, kind: str, reason: str, email: str, as_json: bool) -> None:
    """Remove an opt-out, in the name of an admin or the owner of the campaign."""
    texting = Texting(kind)
    with transaction():
        campaign = find_campaign(slug)
        admin = _admin(campaign, email)
        contact = _contact(campaign, phone)
        number = contact.phone
        changed = rules.lift(
            contact, texting, reason=reason, agreed="command line", by=admin, now=utc_now()
        )
    done = "no longer has" if changed else "does not have"
    answer(
        {"changed": changed, "phone": number, "kind": kind},
        f"{number} {done} {BUILT_IN_NAMES[texting]}.",
        as_json=as_json,
    )


def _admin(campaign: Campaign, email: str) -> User:
    user, place = find_member(campaign, email)
    if not place.role.runs_campaign:
        raise ForbiddenError(f"{email} is a texter; an admin or the owner lifts opt-outs.")
    return user


def _contact(campaign: Campaign, phone: str) -> Contact:
    reading = phones.read(phone)
    if reading.e164 is None:
        raise InvalidError(f"{reading.reason}.", field="phone")
    contact = contacts_by_phone.find(campaign.id, reading.e164)
    if contact is None:
        raise NotFoundError(f"Campaign “{campaign.slug}” has no contact {reading.e164}.")
    return contact
