"""Run the stand-in carrier by itself: python -m tests.carrier --port N."""

import argparse
import asyncio
import json
import os
import signal

from tests.carrier.service import ACCOUNT_SID, AUTH_TOKEN, Service

PARENT_IS_LOOKED_AT = 0.5


async def run(options: argparse.Namespace) -> None:
    """Serve until told to stop, until the parent has ended or the time is up.

    Prints one line of JSON when it listens: url, account_sid, auth_token.
    """
    loop = asyncio.get_running_loop()
    parent = os.getppid()
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    service = Service(options.account_sid, options.auth_token)
    await service.listen(options.port)
    started = {
        "url": f"http://127.0.0.1:{service.port}",
        "account_sid": options.account_sid,
        "auth_token": options.auth_token,
    }
    print(json.dumps(started), flush=True)
    ends = loop.time() + options.max_life
    while not stopped.is_set() and os.getppid() == parent and loop.time() < ends:
        try:
            await asyncio.wait_for(stopped.wait(), PARENT_IS_LOOKED_AT)
        except TimeoutError:
            continue
    await service.close()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="tests.carrier", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--account-sid", default=ACCOUNT_SID)
    parser.add_argument("--auth-token", default=AUTH_TOKEN)
    parser.add_argument("--max-life", type=float, default=3600.0, help="seconds")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
