"""Broadcast and automated texting: kinds of actions, keywords, sign-up forms, catch-up."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from webapp.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KIND = sa.Enum("p2p", "broadcast", "automated", name="actionkind", native_enum=False, length=40)
# Each new column: its type, and the value that rows from before get (None: it may be empty).
COLUMNS: dict[str, dict[str, tuple[Any, Any]]] = {
    "action": {
        "kind": (_KIND, "p2p"),
        "starts_at": (UtcDateTime(), None),
        "pause_per_mille": (sa.Integer(), "30"),
        "pause_after": (sa.Integer(), "200"),
        "pause_only_warns": (sa.Boolean(), sa.false()),
        "watched_sent": (sa.Integer(), "0"),
        "watched_opt_outs": (sa.Integer(), "0"),
        "alarm": (sa.String(length=200), ""),
    },
    "campaign": {"own_opt_in_words": (sa.Text(), ""), "opt_in_text": (sa.Text(), "")},
    "contact_import": {"opts_out_of": (sa.String(length=20), ""), "source_note": (sa.Text(), "")},
    "number": {"rate": (sa.Double(), None)},
}
TABLES = (
    "signup",
    "signup_form",
    "automation_tag",
    "automation_keyword",
    "automation",
    "catch_up",
    "action_moment",
)


def upgrade() -> None:
    """Add the columns and tables."""
    _add_columns()
    _make_tables_of_actions()
    _make_tables_of_forms()


def downgrade() -> None:
    """Take them away again."""
    for table in TABLES:
        op.drop_table(table)
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.drop_column(name)


def _add_columns() -> None:
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for name, (kind, value) in columns.items():
                missing = value is None
                batch.add_column(sa.Column(name, kind, nullable=missing, server_default=value))
        with op.batch_alter_table(table) as batch:  # The application gives the values from now on.
            for name, (_kind, value) in columns.items():
                if value is not None:
                    batch.alter_column(name, server_default=None)


def _make_tables_of_actions() -> None:
    op.create_table(
        "action_moment",
        _reference("action_id", "action.id", "action_moment"),
        sa.Column("at", UtcDateTime(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("sent", "delivered", "failed", "replies", "opt_outs")
        ),
        sa.PrimaryKeyConstraint("action_id", "at", name=op.f("pk_action_moment")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "catch_up",
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("read_until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "phone", name=op.f("pk_catch_up")),
    )
    op.create_table(
        "automation",
        _reference("action_id", "action.id", "automation"),
        sa.Column("opts_in", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_automation")),
    )
    op.create_table(
        "automation_keyword",
        sa.Column("id", sa.Integer(), nullable=False),
        _reference("campaign_id", "campaign.id", "automation_keyword"),
        _reference("action_id", "action.id", "automation_keyword"),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("folded", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_keyword")),
        sa.UniqueConstraint(
            "campaign_id", "folded", name=op.f("uq_automation_keyword_campaign_id_folded")
        ),
    )
    op.create_index(op.f("ix_automation_keyword_action_id"), "automation_keyword", ["action_id"])
    op.create_table(
        "automation_tag",
        _reference("action_id", "action.id", "automation_tag"),
        _reference("tag_id", "tag.id", "automation_tag"),
        sa.PrimaryKeyConstraint("action_id", "tag_id", name=op.f("pk_automation_tag")),
    )


def _make_tables_of_forms() -> None:
    op.create_table(
        "signup_form",
        sa.Column("id", sa.Integer(), nullable=False),
        _reference("campaign_id", "campaign.id", "signup_form"),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("keyword", sa.String(length=40), nullable=False),
        _reference("number_id", "number.id", "signup_form"),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        _reference("created_by", "person.id", "signup_form", nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup_form")),
        sa.UniqueConstraint("slug", name=op.f("uq_signup_form_slug")),
    )
    op.create_index(op.f("ix_signup_form_campaign_id"), "signup_form", ["campaign_id"])
    op.create_table(
        "signup",
        sa.Column("id", _BIG, nullable=False),
        _reference("campaign_id", "campaign.id", "signup"),
        _reference("form_id", "signup_form.id", "signup"),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("texted_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup")),
        sa.UniqueConstraint("form_id", "phone", name=op.f("uq_signup_form_id_phone")),
    )
    op.create_index("ix_signup_phone", "signup", ["campaign_id", "phone"])


def _reference(name: str, target: str, table: str, *, nullable: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(target, name=op.f(f"fk_{table}_{name}"))
    return sa.Column(name, sa.Integer(), key, nullable=nullable)
