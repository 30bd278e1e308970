"""Starts a server for a test run and stops it when nobody uses it any more."""

import fcntl
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

BASE = Path(tempfile.gettempdir()) / f"heed-tests-{os.getuid()}"
START_SECONDS = 60.0
PORTS_TRIED = 3
LONGEST_LIFE = 3 * 3600.0
UNUSED_IS_LOOKED_FOR = 0.2


def make_folder(path: Path) -> None:
    """A folder of our own that others may pass through but not read; it may exist already."""
    path.mkdir(exist_ok=True)
    if path.stat().st_uid != os.getuid():
        raise PermissionError(f"{path} belongs to somebody else.")
    path.chmod(0o711)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Be the only process that starts or stops a server."""
    make_folder(BASE)
    with (BASE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_unused(users: IO[str]) -> bool:
    """Whether nobody else holds the lock; if so, we then hold it alone."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def postgres_answers(url: str) -> bool:
    """Whether one can connect."""
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def redis_answers(url: str) -> bool:
    """Whether it answers a ping."""
    import redis as client

    connection = client.Redis.from_url(url, socket_timeout=5)
    try:
        return bool(connection.ping())
    except client.RedisError:
        return False
    finally:
        connection.close()


def postgres_folder() -> Path | None:
    """Where initdb and postgres are; Debian keeps them off the PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    newest = sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    both = (folder for folder in on_path + newest if (folder / "postgres").exists())
    return next((folder for folder in both if (folder / "initdb").exists()), None)


def keep(kind: str, folder: Path) -> None:
    """Start a server and return; a child of ours stays behind as its keeper.

    Writes `started` into the folder: {"url": …} or {"failed": why}. At the end the folder goes.
    """
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        os.read(reading, 1)  # Ends when the server answers or has failed to.
        return
    os.setsid()  # Ctrl-C is for the tests; the server goes when they have gone.
    with (folder / "log").open("wb") as log:
        for stream in (0, 1, 2):
            os.dup2(log.fileno(), stream)
        server = None
        try:
            server = _started(kind, folder, log)
        except (OSError, ImportError, subprocess.SubprocessError) as error:
            said = (folder / "log").read_text("utf-8", "replace").strip()
            _announce(folder, {"failed": f"{said[-500:]} {error}".strip()})
        os.close(writing)
        _stay(server, folder)


def _stay(server: subprocess.Popen[bytes] | None, folder: Path) -> None:
    ends = time.monotonic() + LONGEST_LIFE
    with (folder / "users").open("a") as users:
        while time.monotonic() < ends:
            time.sleep(UNUSED_IS_LOOKED_FOR)
            with one_at_a_time():
                if is_unused(users):
                    _stop(server, folder)
                    return
    with one_at_a_time():
        _stop(server, folder)


def _stop(server: subprocess.Popen[bytes] | None, folder: Path) -> None:
    if server is not None and server.poll() is None:
        server.send_signal(signal.SIGINT)  # PostgreSQL: at once, without waiting for clients.
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            _end(server)
    shutil.rmtree(folder)


def _started(kind: str, folder: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    prepare, answers = {
        "postgres": (_prepare_postgres, postgres_answers),
        "redis": (_prepare_redis, redis_answers),
    }[kind]
    secret = secrets.token_hex(16)
    command, url, owner = prepare(folder, secret, log)
    for _ in range(PORTS_TRIED):  # Somebody else may take a free port before the server does.
        port = str(_free_port())
        server = subprocess.Popen([*command, port], cwd=folder, stdout=log, stderr=log, **owner)
        try:
            if _comes_up(server, partial(answers, url.format(port))):
                _announce(folder, {"url": url.format(port)})
                return server
        except Exception:
            _end(server)
            raise
        _end(server)
    raise TimeoutError("It does not answer.")


def _comes_up(server: subprocess.Popen[bytes], answers: Callable[[], bool]) -> bool:
    ends = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < ends:
        if answers():
            return True
        time.sleep(0.05)
    return False


def _end(server: subprocess.Popen[bytes]) -> None:
    """Stop a server that has not yet kept anything worth keeping."""
    server.kill()
    server.wait()


def _announce(folder: Path, what: dict[str, str]) -> None:
    (folder / "started").touch(mode=0o600)
    (folder / "started").write_text(json.dumps(what))


# What it takes to start a server: the command without its last word, the port; the URL with {}
# for the port; and as whom to run it.
Prepared = tuple[list[str], str, dict[str, Any]]


def _prepare_postgres(folder: Path, secret: str, log: IO[bytes]) -> Prepared:
    programs = postgres_folder()
    assert programs is not None
    owner = _postgres_owner()
    home = folder / "home"
    home.mkdir(mode=0o700)
    password = home / "password"
    password.write_text(secret)
    for path in (home, password):
        os.chown(path, owner.get("user", -1), owner.get("group", -1))
    data = str(home / "data")
    make = [str(programs / "initdb"), "-D", data, "-U", "heed", "--locale=C", "--encoding=UTF8"]
    make += ["--auth=scram-sha-256", f"--pwfile={password}", "--no-sync"]
    subprocess.run(make, cwd=home, stdout=log, stderr=log, check=True, **owner)
    serve = [str(programs / "postgres"), "-D", data, "-h", "127.0.0.1", "-k", ""]
    serve += ["-c", "fsync=on", "-c", "max_connections=200", "-p"]
    return serve, f"postgresql://heed:{secret}@127.0.0.1:{{}}/postgres", owner


def _postgres_owner() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: who runs it then; nothing for ourselves."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise OSError("There is no user postgres or nobody to run PostgreSQL as.")


def _prepare_redis(folder: Path, secret: str, _log: IO[bytes]) -> Prepared:
    settings = folder / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(f'bind 127.0.0.1\nrequirepass {secret}\nsave ""\nappendonly no\n')
    serve = ["redis-server", str(settings), "--port"]
    return serve, f"redis://:{secret}@127.0.0.1:{{}}/0", {}


def _free_port() -> int:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return int(plug.getsockname()[1])


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]))
