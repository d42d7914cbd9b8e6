"""Many clips on many machines: the same work as tasks of a Dask cluster. The user of distributed.

Only paths and small reports go through the scheduler. A worker that dies is no matter: Dask gives
its clips to another one, which finds what was finished and does the rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from formcheck import __version__
from formcheck.batch.work import Analyse, Outcome, Task, failed_at, score
from formcheck.errors import UsageError

CONNECT_S = 10
WORKERS_S = 60
"""How long a scheduler may take to answer, and to have a worker."""


def outcomes(
    tasks: Sequence[Task],
    address: str,
    done: Collection[str],
    analyse: Analyse,
    note: Callable[[str], object],
) -> Iterator[Outcome]:
    """Score all tasks, one outcome each, in the order in which they are done.

    ``done`` names results that are there, for workers that do not see them; ``note`` is told where
    to watch. Raises UsageError when there is no such scheduler, no worker, or another FormCheck.
    """
    try:
        from distributed import as_completed
    except ImportError as error:
        raise UsageError("--scheduler needs Dask: pip install 'formcheck[cluster]'") from error
    # What it says of dying workers and lost results is what it then puts right.
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with _connected(address) as client:
        note(_described(client, address))
        known = client.scatter(frozenset(done), broadcast=True) if done else ()
        asked = {
            client.submit(
                score, task, known, analyse, key=f"{task.run}-{task.number}", pure=False
            ): task
            for task in tasks
        }
        for future in as_completed(list(asked), loop=client.loop):
            yield _outcome(future, asked.pop(future))


def _connected(address: str) -> Any:  # noqa: ANN401
    """A client of a scheduler that has workers with this very FormCheck."""
    from distributed import Client

    # A client that waits for something else than a scheduler waits for ever, or when it is cleared.
    with ThreadPoolExecutor(1) as apart:  # whoever calls may have an event loop of their own
        found = apart.submit(asyncio.run, _kind(address)).result()
    if found != "Scheduler":
        what = f", but a Dask {found.lower()}" if found else ""
        raise UsageError(f"no Dask scheduler answers at {address}{what}")
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}") from error
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
        versions = set(client.run(_version).values())
    except TimeoutError as error:
        client.close()
        raise UsageError(f"the scheduler at {address} has no worker") from error
    except Exception as error:  # the worker's import error, of whatever kind
        client.close()
        raise UsageError(f"a worker of {address} does not start FormCheck: {error}") from error
    if versions != {__version__}:
        client.close()
        others = ", ".join(sorted(versions - {__version__}))
        raise UsageError(f"this is FormCheck {__version__}, workers of {address} have {others}")
    return client


async def _kind(address: str) -> str:
    """What of Dask answers at an address: "Scheduler", "Worker"; "" for anything else."""
    from distributed import rpc
    from distributed.security import Security

    async def ask() -> str:
        told = Security().get_connection_args("client")
        async with rpc(address, connection_args=told) as other:
            return str((await other.identity())["type"])

    try:
        return await asyncio.wait_for(ask(), CONNECT_S)
    except Exception:  # nobody, or another program (the dashboard) that says anything at all
        return ""


def _version() -> str:
    return __version__


def _described(client: Any, address: str) -> str:  # noqa: ANN401
    count = len(client.scheduler_info(n_workers=-1)["workers"])
    return f"{count} workers of {address}; progress at {client.dashboard_link}"


def _outcome(future: Any, task: Task) -> Outcome:  # noqa: ANN401
    try:
        outcome: Outcome = future.result()
    except Exception as error:  # it killed several workers, or the scheduler went away
        return failed_at(task, f"{type(error).__name__}: {error}")
    finally:
        future.release()
    return outcome
