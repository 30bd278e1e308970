"""Guards: triggers that keep the built-in tags and the trail as they are."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TAG_COLUMNS = (
    "id, name, folded_name, description, opts_out_of, campaign_id, archived_at, created_by"
)
LOCKED = "This tag is built in and cannot be changed."
APPENDED = "Entries of the trail are never changed or deleted."
# name: (table, event, condition, sentence)
GUARDS = {
    "tag_keeps_built_in": (
        "tag",
        f"UPDATE OF {TAG_COLUMNS}",
        "OLD.opts_out_of IS NOT NULL OR NEW.opts_out_of IS NOT NULL",
        LOCKED,
    ),
    "tag_stays_built_in": ("tag", "DELETE", "OLD.opts_out_of IS NOT NULL", LOCKED),
    "trail_entry_is_not_changed": ("trail_entry", "UPDATE", "", APPENDED),
    "trail_entry_is_not_deleted": ("trail_entry", "DELETE", "", APPENDED),
    "trail_seal_is_not_changed": ("trail_seal", "UPDATE", "", APPENDED),
    "trail_seal_is_not_deleted": ("trail_seal", "DELETE", "", APPENDED),
}


def upgrade() -> None:
    """Put the guards up."""
    make = _sqlite if op.get_bind().dialect.name == "sqlite" else _postgresql
    for name, guard in GUARDS.items():
        make(name, *guard)


def downgrade() -> None:
    """Take them down."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, (table, *_) in GUARDS.items():
        op.execute(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}"))
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")


def _sqlite(name: str, table: str, event: str, condition: str, sentence: str) -> None:
    when = f"WHEN {condition}" if condition else ""
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
    )


def _postgresql(name: str, table: str, event: str, condition: str, sentence: str) -> None:
    when = f"WHEN ({condition})" if condition else ""
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
        f"FOR EACH ROW {when} EXECUTE FUNCTION {name}()"
    )
