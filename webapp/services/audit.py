"""The audit: recomputes from stored rows what must always hold (promise G14)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from webapp.db import db
from webapp.models import Campaign
from webapp.services import (
    audit_counts,
    audit_ground,
    audit_proof,
    audit_silence,
    audit_texts,
    trail,
)
from webapp.services.audit_checks import Check

# The promise above all others.
SILENCE = "texts_after_opt_out"
MOST_EXAMPLES = 5
CHECKS = (
    *audit_silence.CHECKS,
    *audit_proof.CHECKS,
    *audit_ground.CHECKS,
    *audit_texts.CHECKS,
    *audit_counts.CHECKS,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: how many rows are wrong, and the first of them in words."""

    check: str
    holds: str  # the sentence that should be true
    count: int
    examples: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it holds."""
        return self.count == 0


def run(campaign: Campaign | None = None) -> list[Finding]:
    """Ask every check, of one campaign or of all; nothing is written.

    Each check is one set-based query. For answers that fit together the caller opens a
    snapshot (webapp.db): others may be writing meanwhile. Guards and seals of the trail belong
    to no campaign and are always looked at.
    """
    campaign_id = campaign.id if campaign else None
    return [
        *(_ask(check, campaign_id) for check in CHECKS),
        _found(
            "trail_unchanged",
            "The trail is as it was sealed.",
            [f"trail_seal {seal_id}" for seal_id in trail.broken_seals()],
        ),
        _found(
            "guards_in_force",
            "The database guards built-in tags and the trail.",
            audit_ground.missing_guards(),
        ),
    ]


def silence(campaign: Campaign) -> Finding:
    """The one promise above all: texts that left for somebody who had opted out of their kind."""
    check = next(check for check in CHECKS if check.name == SILENCE)
    return _ask(check, campaign.id)


def texts_after_opt_out(findings: Sequence[Finding]) -> int:
    """How many texts left for somebody who had opted out; 0 is the promise."""
    return next(finding.count for finding in findings if finding.check == SILENCE)


def _ask(check: Check, campaign_id: int | None) -> Finding:
    wrong = check.wrong(campaign_id).subquery().c[0]
    query = select(wrong, func.count().over()).order_by(wrong).limit(MOST_EXAMPLES)
    rows = db.session.execute(query).all()
    examples = tuple(row[0] for row in rows)
    return Finding(check.name, check.holds, rows[0][1] if rows else 0, examples)


def _found(name: str, holds: str, wrong: Sequence[str]) -> Finding:
    return Finding(name, holds, len(wrong), tuple(wrong[:MOST_EXAMPLES]))
