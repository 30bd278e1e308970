"""What became of a text of ours, in the words of every page that shows it."""

from webapp.models import Direction, Message, MessageState

# Of a text that is over; all others are on their way.
SAID = {
    MessageState.SENT: "Sent",
    MessageState.DELIVERED: "Delivered",
    MessageState.UNDELIVERED: "Not delivered. This number can’t get texts.",
    MessageState.FAILED: "Not delivered.",
    MessageState.UNKNOWN: "Nobody can say whether it arrived.",
    MessageState.CANCELLED: "Not sent.",
    MessageState.SUPPRESSED: "Not sent.",
}
_WELL = (MessageState.SENT, MessageState.DELIVERED)


def is_failed(message: Message) -> bool:
    """Whether a text of ours is over and did not arrive, as far as anybody can say."""
    is_over = message.direction is Direction.OUT and message.state in SAID
    return is_over and message.state not in _WELL
