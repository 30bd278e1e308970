"""What a command says when the database fails: one sentence instead of a traceback."""

from sqlalchemy.exc import DBAPIError, OperationalError

OTHER_SCHEMA = "The database has another schema. Run: ./heed db upgrade"
# A table or a column that is not there, as PostgreSQL numbers it and as SQLite words it.
NOT_THERE = ("42P01", "42703")
NO_SUCH = ("no such table", "no such column")
# How Python says that a word of the command was no UTF-8, when a database is asked for it.
HALF = "surrogates not allowed"
NOT_UTF_8 = "The command holds a character that is not UTF-8. Type it again."


def sentence(error: Exception) -> str | None:
    """The sentence for a database that is older, locked, full or away, or can't hold a word.

    None for other failures. Those stay tracebacks: they are faults of Heed that somebody has to
    see whole.
    """
    if isinstance(error, UnicodeEncodeError) and error.reason == HALF:
        return NOT_UTF_8
    if not isinstance(error, DBAPIError):
        return None
    said = str(error.orig).strip().split("\n")[0].rstrip(".")
    if getattr(error.orig, "sqlstate", None) in NOT_THERE or said.startswith(NO_SUCH):
        return OTHER_SCHEMA
    if isinstance(error, OperationalError):
        return f"The database cannot be used: {said}."
    return None
