"""An admin approves those who join by the code, if the campaign wants it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = {"campaign": "asks_approval", "membership": "awaits_approval"}


def upgrade() -> None:
    """Add the columns: no campaign asks for it yet, and nobody who is there waits."""
    for table, column in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            batch.add_column(
                sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false())
            )
        with op.batch_alter_table(table) as batch:  # The application gives it from now on.
            batch.alter_column(column, server_default=None)


def downgrade() -> None:
    """Take them away again; whoever waits may text then."""
    for table, column in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
