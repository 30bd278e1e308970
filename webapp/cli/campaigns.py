"""`campaign create|set`."""

from typing import Any

import click

from webapp.cli.common import answer, find_campaign, json_option
from webapp.cli.people import account, password_option, stdin_password
from webapp.db import transaction, utc_now
from webapp.errors import ConflictError
from webapp.models import Actor, Campaign, Role
from webapp.services import campaigns, team
from webapp.services import opt_in_words as joining_words
from webapp.services import stop_words as stopping_words
from webapp.texting import lines

on_or_off = click.Choice(["on", "off"])


@click.group()
def campaign() -> None:
    """Campaigns and their settings."""


@campaign.command()
@click.argument("name")
@click.option("--owner-email", required=True, help="Whose campaign it is.")
@click.option("--owner-name", default="", help="Their name, if there is no account yet.")
@password_option
@click.option("--slug", default="", help="The name in addresses: /c/SLUG.")
@click.option("--organization", default="", help="Who the texts are from.")
@click.option("--time-zone", default="America/New_York", show_default=True)
@click.option("--hours", default="09:00-21:00", show_default=True, help="00:00-24:00: any time.")
@json_option
def create(
    name: str,
    owner_email: str,
    owner_name: str,
    password_stdin: bool,
    slug: str,
    organization: str,
    time_zone: str,
    hours: str,
    as_json: bool,
) -> None:
    """Make a campaign; both opt-out tags are made with it.

    The same SLUG and NAME again change nothing. A new owner without --password-stdin gets a
    link to choose a password.
    """
    there = campaigns.find(slug) if slug else campaigns.named(name, owner_email)
    if there is not None:
        if there.name != lines.one_line(name):
            raise ConflictError(f"There is already another campaign at “{slug}”.")
        _tell_created(there, {"changed": False}, "was here already", as_json)
        return
    owner = account(owner_email, owner_name, stdin_password(password_stdin))
    with transaction():
        made = campaigns.create(
            name,
            slug=slug,
            organization=organization,
            time_zone=time_zone,
            hours=hours,
            actor=Actor.HOST,
            now=utc_now(),
        )
        person, link = owner.make()
        team.add(made, person, Role.OWNER, by=None, actor=Actor.HOST, now=utc_now())
    facts = {"changed": True} | ({"link": link} if link else {})
    words = f"was made.\nTo choose a password: {link}" if link else "was made"
    _tell_created(made, facts, words, as_json)


def _tell_created(made: Campaign, facts: dict[str, Any], words: str, as_json: bool) -> None:
    facts = {"slug": made.slug, "id": made.id} | facts
    answer(facts, f"Campaign “{made.slug}” {words}", as_json=as_json)


@campaign.command("set")
@click.argument("slug")
@click.option("--name")
@click.option("--organization")
@click.option("--time-zone")
@click.option("--hours", help="Such as 09:00-21:00; 00:00-24:00 means any time.")
@click.option("--recontact-lock", "recontact_lock_hours", type=int, help="Hours; 0 is off.")
@click.option("--help-text")
@click.option("--confirmation-text")
@click.option("--goodbye-text")
@click.option("--replies-keep-hours", type=on_or_off)
@click.option("--one-opt-out-stops-both", type=on_or_off)
@click.option("--fallback", "fallbacks", multiple=True, metavar="FIELD=WORD", help="For scripts.")
@click.option("--stop-words", help="Stop words of its own, with commas between; '' is none.")
@click.option("--opt-in-words", help="Opt-in keywords of its own, with commas between; '' is none.")
@click.option("--opt-in-text", help="What an opt-in that no action answers gets; '' is nothing.")
@json_option
def set_(slug: str, as_json: bool, **options: Any) -> None:
    """Change settings of the campaign SLUG; without options print them."""
    found = find_campaign(slug)
    for switch in ("replies_keep_hours", "one_opt_out_stops_both"):
        if options[switch] is not None:
            options[switch] = options[switch] == "on"
    options["fallbacks"] = dict(map(_fallback, options["fallbacks"])) or None
    words = {name: options.pop(name) for name in ("stop_words", "opt_in_words", "opt_in_text")}
    changed = False
    if any(value is not None for value in (*options.values(), *words.values())):
        with transaction():
            changed = bool(campaigns.change(found, **options, actor=Actor.HOST, now=utc_now()))
            changed = _set_words(found, **words) or changed
    facts = settings_of(found)
    lines = "\n".join(f"{name}: {value}" for name, value in facts.items())
    answer({**facts, "changed": changed}, lines, as_json=as_json)


def _fallback(given: str) -> tuple[str, str]:
    field, equals, word = given.partition("=")
    if not equals or not field.strip():
        raise click.UsageError(f"--fallback takes FIELD=WORD, not “{given}”.")
    return field.strip(), word


def _set_words(
    found: Campaign, stop_words: str | None, opt_in_words: str | None, opt_in_text: str | None
) -> bool:
    """Replace the words that are given; whether any list changed."""
    who: dict[str, Any] = {"by": None, "now": utc_now()}
    changed = []
    if stop_words is not None:
        changed.append(stopping_words.replace(found, _split(stop_words), **who))
    if opt_in_words is not None:
        changed.append(joining_words.replace(found, _split(opt_in_words), **who))
    if opt_in_text is not None:
        changed.append(joining_words.set_text(found, opt_in_text, **who))
    return any(changed)


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def settings_of(found: Campaign) -> dict[str, Any]:
    """What `campaign set` prints."""
    return {
        "slug": found.slug,
        "name": found.name,
        "organization": found.organization,
        "time_zone": found.time_zone,
        "hours": str(found.hours),
        "replies_keep_hours": found.replies_keep_hours,
        "recontact_lock_hours": found.recontact_lock_hours,
        "one_opt_out_stops_both": found.one_opt_out_stops_both,
        "help_text": found.help_text,
        "confirmation_text": found.confirmation_text,
        "goodbye_text": found.goodbye_text,
        "fallbacks": dict(found.fallbacks),
        "stop_words": list(found.stop_words),
        "opt_in_words": list(found.opt_in_words),
        "opt_in_text": found.opt_in_text,
    }
