"""`number add|list|retire`."""

import click
from flask import current_app

from webapp.cli.common import answer, find_campaign, json_option
from webapp.config import Settings
from webapp.db import transaction, utc_now
from webapp.errors import NotFoundError
from webapp.models import Actor, Answerer, NumberKind
from webapp.services import numbers
from webapp.texting import phones

answerer = click.Choice([member.value for member in Answerer])


def default_answerer() -> Answerer:
    """Twilio answers STOP and HELP by itself; the simulator does not (decision 6)."""
    settings: Settings = current_app.extensions["settings"]
    return Answerer.HEED if settings.practice else Answerer.CARRIER


@click.group()
def number() -> None:
    """The numbers a campaign texts from."""


@number.command()
@click.argument("slug")
@click.argument("phone")
@click.option("--kind", type=click.Choice([kind.value for kind in NumberKind]), required=True)
@click.option("--confirmation-by", type=answerer, help="Who confirms an opt-out.")
@click.option("--help-by", type=answerer, help="Who answers HELP.")
@click.option("--rate", type=float, help="Texts a second; a new number has HEED_SENDING_RATE.")
@click.option("--usual-rate", is_flag=True, help="HEED_SENDING_RATE again.")
@json_option
def add(
    slug: str,
    phone: str,
    kind: str,
    confirmation_by: str | None,
    help_by: str | None,
    rate: float | None,
    usual_rate: bool,
    as_json: bool,
) -> None:
    """Let the campaign SLUG text from PHONE; the same again changes nothing.

    Of a number that is there already what is not given stays as it was set.
    """
    if rate is not None and usual_rate:
        raise click.UsageError("Give --rate or --usual-rate, not both.")
    found = find_campaign(slug)
    with transaction():
        made, changed = numbers.add(
            found,
            phone,
            NumberKind(kind),
            confirmation_by=Answerer(confirmation_by) if confirmation_by else None,
            help_by=Answerer(help_by) if help_by else None,
            usually_by=default_answerer(),
            rate=rate,
            usual_rate=usual_rate,
            actor=Actor.HOST,
            now=utc_now(),
        )
    facts = {
        "id": made.id,
        "phone": made.phone,
        "kind": made.kind.value,
        "rate": made.rate,
        "changed": changed,
    }
    words = "is ready" if changed else "was here already"
    answer(facts, f"{made.phone} {words} ({made.kind.value}).", as_json=as_json)


@number.command("list")
@click.argument("slug")
@json_option
def list_(slug: str, as_json: bool) -> None:
    """The numbers that the campaign SLUG texts from."""
    for one in numbers.all_of(find_campaign(slug)):
        facts = {
            "id": one.id,
            "phone": one.phone,
            "kind": one.kind.value,
            "confirmation_by": one.confirmation_by.value,
            "help_by": one.help_by.value,
            "rate": one.rate,
        }
        answer(facts, f"{one.phone} {one.kind.value}", as_json=as_json)


@number.command()
@click.argument("slug")
@click.argument("phone")
@json_option
def retire(slug: str, phone: str, as_json: bool) -> None:
    """Send no new texts from PHONE; replies to it are still heard."""
    found, e164 = find_campaign(slug), phones.e164(phone)
    mine = [one for one in numbers.all_of(found, retired=True) if one.phone == e164]
    if not mine:
        raise NotFoundError(f"Campaign “{slug}” does not text from {phone}.")
    with transaction():
        changed = numbers.retire(mine[0], by=None, now=utc_now())
    answer({"phone": e164, "changed": changed}, f"{e164} is retired.", as_json=as_json)
