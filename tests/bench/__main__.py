"""`./heed bench [name …]`: run jobs, each in a process of its own, on each database."""

import argparse
import json
import subprocess
import sys
from importlib import import_module

from tests import servers
from tests.bench import core
from webapp.config import ROOT

JOBS = {
    "import": "tests.bench.imports",
    "safeguard": "tests.bench.safeguard",
    "webhook": "tests.bench.webhook",
    "stop": "tests.bench.stop",
    "inbox": "tests.bench.inbox",
    "claim": "tests.bench.claim",
    "analytics": "tests.bench.analytics",
    "busy": "tests.bench.busy",
}


def main() -> int:
    """Exit code 1 when a job failed, or with --check when a goal was missed."""
    options = _options()
    if options.alone:
        measured = import_module(JOBS[options.names[0]]).measure(options.alone, options.rows)
        measured.peak_mib = round(core.peak_mib(), 1)
        print(json.dumps(measured.as_json()))
        return 0
    failed = False
    for name in options.names or JOBS:
        for database in _databases(options.database):
            result = _in_own_process(name, database, options.rows)
            failed = failed or result is None
            if result is None:
                continue
            print(json.dumps(result) if options.json else _in_words(result), flush=True)
            failed = failed or (options.check and not result["within"])
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="heed bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(JOBS))
    parser.add_argument("--rows", type=int, default=10_000, help="how many rows (10000)")
    parser.add_argument("--database", choices=("sqlite", "postgres"), help="only this one")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--check", action="store_true", help="fail when a ratio misses its goal")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = set(options.names) - set(JOBS)
    if unknown:
        parser.error(f"There is no benchmark called {', '.join(sorted(unknown))}.")
    return options


def _databases(chosen: str | None) -> list[str]:
    if chosen:
        return [chosen]
    found = servers.postgres()
    if isinstance(found, servers.Running):
        return ["sqlite", "postgres"]
    print(f"Not on PostgreSQL: {found.reason} {found.how_to_get_it}", file=sys.stderr)
    return ["sqlite"]


def _in_own_process(name: str, database: str, rows: int) -> dict[str, object] | None:
    command = [sys.executable, "-m", "tests.bench", name, "--alone", database]
    done = subprocess.run(
        [*command, "--rows", str(rows)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        print(f"The benchmark {name} failed on {database}.", file=sys.stderr)
        return None
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def _in_words(result: dict[str, object]) -> str:
    goal = f", goal {result['goal']}" if result["goal"] else ""
    return (
        f"{result['job']:10} {result['database']:8} {result['rows']:>9} rows  "
        f"yardstick {result['yardstick']:.4g} {result['unit']}  "
        f"Heed {result['product']:.4g} {result['unit']}  "
        f"{result['ratio']}×{goal}  {result['peak_mib']} MiB  {result['more']}"
    )


sys.exit(main())
