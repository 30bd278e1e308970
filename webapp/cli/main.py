"""The command `heed`: every group, one sentence per error, exit codes 0, 1 and 2."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

import click
from flask import Flask

from webapp import presence
from webapp.errors import HeedError

# Group or command → where it is; loaded when asked for, so that each command starts quickly.
COMMANDS = {
    "actions": "webapp.cli.schedules:actions",
    "audit": "webapp.cli.audit:audit",
    "backup": "webapp.cli.backing_up:backup",
    "bench": "webapp.cli.bench:bench",
    "campaign": "webapp.cli.campaigns:campaign",
    "contacts": "webapp.cli.contacts:contacts",
    "db": "webapp.cli.database:db",
    "demo": "webapp.cli.serving:demo",
    "doctor": "webapp.cli.doctor:doctor",
    "keywords": "webapp.cli.texting:keywords",
    "number": "webapp.cli.phone_numbers:number",
    "optouts": "webapp.cli.optouts:optouts",
    "phones": "webapp.cli.texting:phones",
    "restore": "webapp.cli.backing_up:restore",
    "serve": "webapp.cli.serving:serve",
    "user": "webapp.cli.people:user",
    "worker": "webapp.cli.serving:worker",
}
# These make their own application, or need none.
WITHOUT_APP = (
    "backup", "bench", "demo", "doctor", "keywords", "phones", "restore", "serve", "worker",
)  # fmt: skip


class _Commands(click.Group):
    """Finds each command in its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        name = ctx._protected_args[0] if ctx._protected_args else ""
        if name in WITHOUT_APP or "--help" in sys.argv:
            return super().invoke(ctx)
        app = _application()
        presence.stay(app.extensions["settings"].database_url)
        with app.app_context():
            return super().invoke(ctx)


def _application() -> Flask:
    from webapp.app import create_app  # Late: keyword checks need no application.

    return create_app()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def heed() -> None:
    """Campaign texting that never texts anyone who asked it to stop."""


def main(run: Callable[..., Any] = heed) -> None:
    """Run a command; a refusal is one sentence on standard error and exit code 1."""
    try:
        run(prog_name="heed")
    except HeedError as refusal:
        _refuse(str(refusal))
    except Exception as error:
        from webapp.cli.failing import sentence  # Late: only a failure needs it.

        if (said := sentence(error)) is None:
            raise
        _refuse(said)


def _refuse(said: str) -> NoReturn:
    click.echo(said, err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
