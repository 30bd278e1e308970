"""The newest opt-outs first: an index for the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_contact_tag_opt_outs",
        "contact_tag",
        ["tag_id", "since", "contact_id"],
        sqlite_where=sa.text("source IS NOT NULL"),
        postgresql_where=sa.text("source IS NOT NULL"),
        if_not_exists=True,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_contact_tag_opt_outs", "contact_tag", if_exists=True)
