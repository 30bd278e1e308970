"""The whole suite: once on SQLite, then what touches the database once more on PostgreSQL."""

import os
import subprocess
import sys

from tests import servers
from webapp.config import ROOT

# No database, or a database of their own choice: once is enough.
ONCE = ("texting", "carriers", "carrier", "browser", "test_critic.py", "test_servers.py")


def main(arguments: list[str]) -> int:
    """Run pytest on each database that is there; the exit code is the first that is not 0.

    HEED_TEST_DATABASE=sqlite or =postgres runs that one alone.
    """
    chosen = os.environ.get("HEED_TEST_DATABASE")
    if chosen:
        return _pytest(chosen, arguments)
    on_sqlite = _pytest("sqlite", arguments)
    found = servers.postgres()
    required = "postgres" in os.environ.get("HEED_REQUIRE", "").split(",")
    if isinstance(found, servers.Missing) and not required:
        print(f"Not run on PostgreSQL: {found.reason} {found.how_to_get_it}")
        return on_sqlite
    ignored = [f"--ignore=tests/{name}" for name in ONCE]
    on_postgres = _pytest("postgres", [*ignored, *arguments])
    nothing_selected = 5  # Everything that was asked for runs once.
    return on_sqlite or (0 if on_postgres == nothing_selected else on_postgres)


def _pytest(database: str, arguments: list[str]) -> int:
    print(f"── tests on {database} ──", flush=True)
    command = [sys.executable, "-m", "pytest", "-n", os.environ.get("HEED_TEST_JOBS", "auto")]
    environment = {**os.environ, "HEED_TEST_DATABASE": database}
    return subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False).returncode


sys.exit(main(sys.argv[1:]))
