"""Queues of the admins: who read what opted-out people wrote, and settled hints."""

import sqlalchemy as sa
from alembic import op
from webapp.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WROTE_BACK = sa.text("wrote_back")
_INBOUND = sa.text("direction = 'in'")
# Whoever carries the tag has been heard: their open hints of that kind are settled.
_SETTLE = """
UPDATE message SET hint = 'agreed', hint_by = NULL
WHERE hint IN ('open', 'dismissed') AND EXISTS (
    SELECT 1 FROM contact_tag JOIN tag ON tag.id = contact_tag.tag_id
    WHERE contact_tag.contact_id = message.contact_id AND tag.opts_out_of = message.texting
)
"""


def upgrade() -> None:
    """Add the columns, index what is unread and what people wrote."""
    # Not in batch mode: SQLite would write the whole table anew.
    op.add_column("message", sa.Column("wrote_back_read_at", UtcDateTime(), nullable=True))
    op.add_column(
        "message",
        sa.Column(
            "wrote_back_read_by",
            sa.Integer(),
            sa.ForeignKey("person.id", name=op.f("fk_message_wrote_back_read_by")),
            nullable=True,
        ),
        inline_references=True,
    )
    _index("campaign_id", "wrote_back_read_at", "id")
    op.create_index(
        "ix_message_inbound",
        "message",
        ["campaign_id", "id"],
        sqlite_where=_INBOUND,
        postgresql_where=_INBOUND,
    )
    op.execute(_SETTLE)


def downgrade() -> None:
    """Take them away again; settled hints stay settled."""
    op.drop_index("ix_message_inbound", table_name="message")
    _index("campaign_id", "id")
    with op.batch_alter_table("message") as batch:
        batch.drop_column("wrote_back_read_by")
        batch.drop_column("wrote_back_read_at")


def _index(*columns: str) -> None:
    op.drop_index("ix_message_wrote_back", table_name="message")
    op.create_index(
        "ix_message_wrote_back",
        "message",
        list(columns),
        sqlite_where=_WROTE_BACK,
        postgresql_where=_WROTE_BACK,
    )
