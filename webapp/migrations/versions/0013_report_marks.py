"""What a saved reply that was sent marks in the report of its conversation."""

import sqlalchemy as sa
from alembic import op
from webapp.db import BigId

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "report_mark",
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_report_mark_conversation_id"),
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_report_mark_tag_id")),
        sa.PrimaryKeyConstraint("conversation_id", "tag_id", name=op.f("pk_report_mark")),
    )


def downgrade() -> None:
    """Take it away again; marks that stand in no report yet are lost."""
    op.drop_table("report_mark")
