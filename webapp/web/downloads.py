"""Files that a page hands out to be saved."""

from collections.abc import Iterator

from flask import Response, stream_with_context


def csv(content: str | Iterator[str], name: str) -> Response:
    """A CSV file called `name`. Lines of an iterator are read while they are sent."""
    return Response(
        content if isinstance(content, str) else stream_with_context(content),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
