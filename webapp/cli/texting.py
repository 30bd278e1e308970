"""`keywords check` and `phones check`: JSON Lines in, JSON Lines out."""

import json
import sys
from collections.abc import Callable
from typing import Any

import click

from webapp.cli.written import in_json
from webapp.texting import hints
from webapp.texting import keywords as words
from webapp.texting import phones as numbers

# Scripts may ask for JSON of every command; these know no other way to answer.
json_lines = click.option("--json", "as_json", is_flag=True, help="As always: JSON Lines.")


@click.group()
def keywords() -> None:
    """How a reply is read."""


@keywords.command()
@click.argument("slug", required=False)
@json_lines
def check(slug: str | None, as_json: bool) -> None:
    """Read {"text": …} lines and say for each: stop word, opt-in keyword, help or none.

    With a campaign's SLUG its own words count, too: stop words, opt-in keywords, and the
    keywords of live automated actions that opt people in.
    """
    own, opting_in = _own_words(slug) if slug else ((), ())

    def read(line: dict[str, Any]) -> dict[str, Any]:
        text = line["text"]
        return {
            "text": text,
            "class": words.read(text, stop_words=own, opt_in_words=opting_in).value,
            "hint": hints.find(text, stop_words=own, opt_in_words=opting_in) is not None,
            "normalised": words.normalise(text),
        }

    _each_line("text", read)


@click.group()
def phones() -> None:
    """How a written phone number is read."""


@phones.command("check")
@json_lines
def check_phones(as_json: bool) -> None:
    """Read {"raw": …} lines and write the number in E.164, or the reason why not."""

    def read(line: dict[str, Any]) -> dict[str, Any]:
        reading = numbers.read(line["raw"])
        return {"raw": line["raw"], "e164": reading.e164, "reason": reading.reason}

    _each_line("raw", read)


def _own_words(slug: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The campaign's stop words, and what opts in there."""
    from webapp.cli.common import find_campaign
    from webapp.cli.main import _application  # Late: without a SLUG no application is needed.
    from webapp.services import keyword_checks

    with _application().app_context():
        campaign = find_campaign(slug)
        return campaign.stop_words, tuple(keyword_checks.opting_in(campaign))


def _each_line(field: str, read: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer line by line; a line that is no such object ends with exit code 2."""
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except ValueError:
            line = None
        if not isinstance(line, dict) or not isinstance(line.get(field), str):
            raise click.UsageError(f'Line {number} is not an object with a text "{field}".')
        click.echo(in_json(read(line)))
