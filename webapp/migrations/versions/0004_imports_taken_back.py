"""Imports can be taken back: a contact knows which import made it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FOREIGN_KEY = "fk_list_member_contact_id"
WITHOUT_ROWID = {"sqlite_with_rowid": False}


def upgrade() -> None:
    """Add the column, and let members of lists go with their contacts."""
    op.add_column("contact", sa.Column("import_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("list_member", table_kwargs=WITHOUT_ROWID) as batch:
        batch.drop_constraint(FOREIGN_KEY, type_="foreignkey")


def downgrade() -> None:
    """Back to where it was."""
    with op.batch_alter_table("list_member", table_kwargs=WITHOUT_ROWID) as batch:
        batch.create_foreign_key(FOREIGN_KEY, "contact", ["contact_id"], ["id"])
    with op.batch_alter_table("contact") as batch:
        batch.drop_column("import_id")
