"""Refusals and failures; their messages are sentences for people."""


class HeedError(Exception):
    """Anything Heed raises on purpose."""


class ConfigError(HeedError):
    """A setting is missing or wrong; Heed does not start."""


class RefusedError(HeedError):
    """A rule of the product says no; the message says why in plain words."""


class NotFoundError(RefusedError):
    """The thing asked for does not exist in this campaign."""


class ForbiddenError(RefusedError):
    """This person may not do this."""


class InvalidError(RefusedError):
    """What was given cannot be used; `field` names the form field it came from."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ConflictError(RefusedError):
    """Things changed meanwhile, or another person was quicker."""


class BusyError(HeedError):
    """The database is locked or away; nothing was done and it may be tried again."""
