"""Training, the code that guards the first run, and an index for when a tag was last used."""

import sqlalchemy as sa
from alembic import op
from webapp.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, the index and the table."""
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("trained_at", UtcDateTime(), nullable=True))
    op.drop_index(op.f("ix_report_tag_tag_id"), "report_tag")
    op.create_index("ix_report_tag_used", "report_tag", ["tag_id", "report_id"])
    op.create_table(
        "setup_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_setup_code_code_hash")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("setup_code")
    op.drop_index("ix_report_tag_used", "report_tag")
    op.create_index(op.f("ix_report_tag_tag_id"), "report_tag", ["tag_id"])
    with op.batch_alter_table("person") as batch:
        batch.drop_column("trained_at")
