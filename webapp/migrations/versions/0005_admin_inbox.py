"""Indexes for the views of an admin's inbox, which holds everybody's conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

VIEWS = {
    "needs": "needs_attention AND NOT is_hidden AND NOT is_archived",
    "unread": "is_unread AND NOT is_hidden AND NOT is_archived",
    "archived": "is_archived AND NOT is_hidden",
    "hinted": "hint_message_id IS NOT NULL AND needs_attention AND NOT is_hidden",
    "asked": "asks_admin <> '' AND NOT is_hidden",
}
COLUMNS = ["campaign_id", "last_message_at", "id"]


def upgrade() -> None:
    """Make them; the one for what texters asked is made anew.

    SQLite chose the index of the whole campaign, which was made after it, in its place.
    """
    op.drop_index("ix_conversation_asked", "conversation")
    for view in VIEWS:
        _make(f"ix_conversation_campaign_{view}", view)


def downgrade() -> None:
    """Drop them."""
    for view in VIEWS:
        op.drop_index(f"ix_conversation_campaign_{view}", "conversation")
    _make("ix_conversation_asked", "asked")


def _make(name: str, view: str) -> None:
    where = sa.text(VIEWS[view])
    op.create_index(name, "conversation", COLUMNS, sqlite_where=where, postgresql_where=where)
