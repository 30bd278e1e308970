"""The servers of a test run start once, are shared, and end with the run."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import keeper, servers

ROOT = Path(__file__).resolve().parent.parent


def run(program: str, **environ: str) -> dict[str, str]:
    """Run Python lines in a process of their own; what they put into `out`."""
    lines = f"import json\nfrom tests import servers\nout = {{}}\n{program}\nprint(json.dumps(out))"
    named = (servers.POSTGRES_URL, servers.REDIS_URL)
    without = {name: value for name, value in os.environ.items() if name not in named}
    done = subprocess.run(
        [sys.executable, "-c", lines],
        cwd=ROOT,
        env={**without, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def need(server: servers.Running | servers.Missing) -> servers.Running:
    if isinstance(server, servers.Missing):
        pytest.skip(f"{server.reason} {server.how_to_get_it}")
    return server


def test_postgresql_gives_each_worker_a_database_of_its_own() -> None:
    import psycopg

    need(servers.postgres())
    name = f"worker-{os.getpid()}"
    url = servers.create_database(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
        settings = connection.execute("SELECT current_setting('fsync'), current_database()")
        assert settings.fetchone() == ("on", name)

        fresh = servers.create_database(name)  # Also while somebody is still connected.
        assert fresh == url
    with psycopg.connect(fresh) as connection:
        assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,)

    servers.drop_database(name)
    servers.drop_database(name)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_redis_answers() -> None:
    import redis

    with redis.Redis.from_url(need(servers.redis()).url) as client:
        assert client.ping()


def test_chromium_is_a_program() -> None:
    assert os.access(need(servers.chromium()).url, os.X_OK)


def test_the_processes_of_a_run_share_a_server_and_other_runs_do_not() -> None:
    need(servers.redis())
    key = f"shared-{os.getpid()}"
    line = "out['url'] = servers.redis().url"
    inner = f"{line}; import tests.test_servers as t; out['same'] = t.run({line!r})['url']"

    ours = run(inner, PYTEST_XDIST_TESTRUNUID=key)
    theirs = run(line, PYTEST_XDIST_TESTRUNUID=f"{key}-other")

    assert ours["url"] == ours["same"]
    assert ours["url"] != theirs["url"]
    assert not list(keeper.BASE.glob(f"{key}*")), "A server is still there after its run."


@pytest.mark.parametrize("kind", ["postgres", "redis"])
def test_a_server_ends_also_when_its_run_was_killed(kind: str) -> None:
    need(servers.redis() if kind == "redis" else servers.postgres())
    key = f"killed-{os.getpid()}"
    program = f"import os, signal\nservers.{kind}()\nos.kill(os.getpid(), signal.SIGKILL)"

    with pytest.raises(AssertionError):
        run(program, PYTEST_XDIST_TESTRUNUID=key)

    ends = time.monotonic() + 30
    while list(keeper.BASE.glob(f"{key}*")) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not list(keeper.BASE.glob(f"{key}*"))


@pytest.mark.parametrize(
    ("kind", "setting", "url"),
    [
        ("postgres", servers.POSTGRES_URL, "postgresql://heed@127.0.0.1:9/x"),
        ("redis", servers.REDIS_URL, "redis://127.0.0.1:9/0"),
    ],
)
def test_a_named_server_that_is_silent_is_missing_with_a_reason(
    kind: str, setting: str, url: str
) -> None:
    program = (
        f"out['reason'] = servers.{kind}().reason; out['how'] = servers.{kind}().how_to_get_it"
    )

    said = run(program, **{setting: url})

    assert said["reason"] == "The server that was named is silent."
    assert setting in said["how"]


def test_a_server_that_does_not_start_is_missing_with_what_it_said(tmp_path: Path) -> None:
    false = tmp_path / "redis-server"
    false.write_text("#!/bin/sh\necho out of order\nexit 1\n")
    false.chmod(0o755)
    program = "out['reason'] = servers.redis().reason"

    said = run(program, PATH=f"{tmp_path}:{os.environ['PATH']}", PYTEST_XDIST_TESTRUNUID="broken")

    assert "out of order" in said["reason"]


def test_without_the_programs_servers_are_missing_with_a_reason() -> None:
    program = "out['why'] = servers.redis().reason; out['web'] = servers.chromium().how_to_get_it"

    said = run(program, PATH="/nonexistent")

    assert said == {"why": "There is no redis-server.", "web": "Install the package chromium."}
