"""First and last day of an action, and its own words of the goodbye."""

import sqlalchemy as sa
from alembic import op
from webapp.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. An action that offers a goodbye keeps the words it has had so far."""
    op.add_column("action", sa.Column("texts_from", UtcDateTime(), nullable=True))
    op.add_column("action", sa.Column("texts_until", UtcDateTime(), nullable=True))
    with op.batch_alter_table("action") as batch:
        batch.add_column(sa.Column("goodbye_text", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE action SET goodbye_text = "
        "(SELECT campaign.goodbye_text FROM campaign WHERE campaign.id = action.campaign_id) "
        "WHERE goodbye"
    )
    with op.batch_alter_table("action") as batch:  # The application gives it from now on.
        batch.alter_column("goodbye_text", server_default=None)


def downgrade() -> None:
    """Take them away again: the campaign's words are everybody's, and no day is closed."""
    with op.batch_alter_table("action") as batch:
        for column in ("goodbye_text", "texts_until", "texts_from"):
            batch.drop_column(column)
