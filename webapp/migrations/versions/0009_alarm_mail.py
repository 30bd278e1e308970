"""Mails about alarms: the outbox of the mailer."""

import sqlalchemy as sa
from alembic import op
from webapp.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATES = ("queued", "sent", "failed", "cancelled")
_QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    """Make the table and the index of what is to be sent."""
    op.create_table(
        "alarm_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(
                column,
                sa.Integer(),
                sa.ForeignKey(f"{table}.id", name=op.f(f"fk_alarm_mail_{column}")),
                nullable=False,
            )
            for column, table in (
                ("campaign_id", "campaign"),
                ("action_id", "action"),
                ("user_id", "person"),
            )
        ),
        sa.Column("sentence", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*_STATES, name="mailstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_mail")),
    )
    op.create_index(
        "ix_alarm_mail_queue",
        "alarm_mail",
        ["not_before", "id"],
        sqlite_where=_QUEUED,
        postgresql_where=_QUEUED,
    )


def downgrade() -> None:
    """Take them away again; mails that were not sent yet are lost."""
    op.drop_table("alarm_mail")
