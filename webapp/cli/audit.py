"""`audit`: does everything hold that must always hold?"""

import sys

import click

from webapp.cli.common import find_campaign, json_option
from webapp.cli.written import in_json
from webapp.db import snapshot
from webapp.errors import ConfigError
from webapp.schema import is_current
from webapp.services import audit as auditing
from webapp.services.audit import Finding


@click.command()
@click.argument("slug", required=False)
@json_option
def audit(slug: str | None, as_json: bool) -> None:
    """Recompute from stored rows what must always hold; exit 1 when something does not.

    With a campaign's SLUG only its rows are looked at. Nothing is changed, and texting may go
    on meanwhile.
    """
    if not is_current():
        raise ConfigError("The database has another schema. Run: ./heed db upgrade")
    with snapshot():
        findings = auditing.run(find_campaign(slug) if slug else None)
    click.echo(_in_json(findings) if as_json else _in_words(findings))
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def _in_json(findings: list[Finding]) -> str:
    facts = {
        "ok": all(finding.ok for finding in findings),
        "texts_after_opt_out": auditing.texts_after_opt_out(findings),
        "checks": [
            {
                "check": finding.check,
                "ok": finding.ok,
                "count": finding.count,
                "examples": list(finding.examples),
            }
            for finding in findings
        ],
    }
    return in_json(facts)


def _in_words(findings: list[Finding]) -> str:
    wrong = [finding for finding in findings if not finding.ok]
    last = f"{len(findings)} checks, {len(wrong)} of them not in order."
    return "\n".join([*map(_line, findings), last if wrong else "Everything holds."])


def _line(finding: Finding) -> str:
    if finding.ok:
        return f"ok     {finding.holds}"
    more = ", …" if finding.count > len(finding.examples) else ""
    found = f"{finding.count} found: {', '.join(finding.examples)}{more}"
    return f"WRONG  {finding.holds} ({found})"
