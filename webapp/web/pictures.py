"""Links to the pictures that came with a text; they stay with the carrier (decision 28)."""

from flask import url_for

from webapp.models import Message


def links(message: Message) -> list[tuple[str, str]]:
    """An address and a name for each picture of a text, in order; [] for a text without."""
    amount = len(message.media)
    return [
        (
            url_for("pictures.show", message_id=message.id, place=place),
            f"Picture {place} of {amount}" if amount > 1 else "Picture",
        )
        for place in range(1, amount + 1)
    ]
