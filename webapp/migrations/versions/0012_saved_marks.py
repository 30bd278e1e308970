"""When a step of an action was last saved, for the mark beside its name."""

import sqlalchemy as sa
from alembic import op
from webapp.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("action") as batch:
        batch.add_column(sa.Column("saved_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Take it away again."""
    with op.batch_alter_table("action") as batch:
        batch.drop_column("saved_at")
