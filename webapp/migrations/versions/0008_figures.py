"""Figures for Analytics, rolled up from texts and reports."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from webapp.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTING = sa.Enum("p2p", "broadcast", name="texting", native_enum=False, length=40)
_SOURCE = sa.Enum("message", "report", name="source", native_enum=False, length=40)
# Each table of figures: what a row is about, and what it counts.
TABLES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "figure_of_texts": (
        {
            "action_id": sa.Integer(),
            "script_id": sa.Integer(),
            "list_id": sa.Integer(),
            "hour": sa.Integer(),
            "block": _BIG,
        },
        (
            *("sent", "delivered", "failed", "replied"),
            *("stop_word", "report", "admin", "imported", "carrier"),
        ),
    ),
    "figure_of_failures": (
        {"action_id": sa.Integer(), "code": sa.String(length=32), "block": _BIG},
        ("failed",),
    ),
    "figure_of_waits": (
        {"action_id": sa.Integer(), "step": sa.Integer(), "block": _BIG},
        ("replied",),
    ),
    "figure_of_texters": (
        {"user_id": sa.Integer(), "texting": _TEXTING, "source": _SOURCE, "block": _BIG},
        ("sent", "replies", "reports", "hints"),
    ),
}


def upgrade() -> None:
    """Make the tables; the figures themselves are counted by the job of the minute."""
    op.create_table(
        "figure_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("read_until", UtcDateTime(), nullable=True),
        *(
            sa.Column(name, _BIG, nullable=False)
            for name in ("message_id", "report_id", "entry_id")
        ),
        sa.Column("as_of", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_clock")),
    )
    op.create_table(
        "figure_block",
        sa.Column("source", _SOURCE, nullable=False),
        sa.Column("block", _BIG, autoincrement=False, nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "block", name=op.f("pk_figure_block")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_figure_block_due", "figure_block", ["due_at"])
    for table, (about, counts) in TABLES.items():
        _make(table, about, counts)


def downgrade() -> None:
    """Take them away again; they can be counted anew at any time."""
    for table in (*TABLES, "figure_block", "figure_clock"):
        op.drop_table(table)


def _make(table: str, about: dict[str, Any], counts: tuple[str, ...]) -> None:
    key = sa.ForeignKey("campaign.id", name=op.f(f"fk_{table}_campaign_id"))
    beside = {} if "texting" in about else {"texting": _TEXTING}
    op.create_table(
        table,
        sa.Column("campaign_id", sa.Integer(), key, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, kind, autoincrement=False, nullable=False)
            for name, kind in about.items()
        ),
        *(sa.Column(name, kind, nullable=False) for name, kind in beside.items()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.PrimaryKeyConstraint("campaign_id", "day", *about, name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
    block = ["source", "block"] if "source" in about else ["block"]
    op.create_index(f"ix_{table}_block", table, block)
