"""One part of a cluster, as a process of its own: `python -m core.engine.node scheduler` or `... worker`.

The server's own engine (`core.engine.launcher`) is both on one machine and ends with the server; these two run where a container, SLURM or
Kubernetes puts them and end when they are told to. Their settings are the launcher's, and neither has a web page. What a health check looks at is a
file, touched every few seconds while all is well: the scheduler answers, or every worker of the process is joined to one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import dask
import psutil  # type: ignore[import-untyped]
from distributed import Nanny, Status
from distributed.system import MEMORY_LIMIT

from core.engine.cluster import ADDRESS
from core.engine.launcher import MEMORY, SETTINGS, QuietScheduler, QuietWorker

HEARTBEAT = "LAB_HEARTBEAT"
BEAT_SECONDS = 5.0
ENDING_SECONDS = 5.0
# A worker imports torch first, which takes a minute on a machine with much else to do.
JOINING_SECONDS = 90.0


def heartbeat() -> Path:
    """Return the file that is touched while all is well."""
    return Path(os.environ.get(HEARTBEAT) or Path(tempfile.gettempdir()) / "lab-heartbeat")


async def schedule(host: str, port: int, ended: asyncio.Event) -> None:
    """Be a scheduler until ``ended`` is set."""
    async with QuietScheduler(host=host, port=port, dashboard=False) as scheduler:
        print(f"scheduler at {scheduler.address}", flush=True)
        await _beat(lambda: scheduler.status == Status.running, ended)


async def work(address: str, count: int, memory: int, ended: asyncio.Event) -> None:
    """Keep ``count`` workers of one thread joined to a scheduler, wherever it is just now, until ``ended`` is set.

    A nanny that loses its scheduler for long gives up and takes its worker along; it is made anew until the scheduler is back.
    """
    with tempfile.TemporaryDirectory(prefix="lab-engine-") as folder:
        nannies: dict[int, Nanny] = {}

        def well() -> bool:
            return len(nannies) == count and all(each.status == Status.running for each in nannies.values())

        async def keep(number: int) -> None:
            while not ended.is_set():
                nanny = Nanny(
                    address,
                    nthreads=1,
                    preload=["core.engine.work"],
                    memory_limit=memory,
                    local_directory=folder,
                    worker_class=QuietWorker,
                    dashboard=False,
                    death_timeout=JOINING_SECONDS,
                )
                try:
                    await nanny
                    nannies[number] = nanny
                    print(f"worker {number} of {count} at {nanny.worker_address}", flush=True)
                    while nanny.status == Status.running and not ended.is_set():
                        await _until(ended, 0.5)
                except Exception as problem:  # noqa: BLE001 - whatever it was, another one is made
                    print(f"worker {number} of {count}: {type(problem).__name__}: {problem}; tried again", file=sys.stderr, flush=True)
                finally:
                    nannies.pop(number, None)
                    with suppress(Exception):  # whatever it says at its end, another one is made
                        await asyncio.wait_for(nanny.close(timeout=1), ENDING_SECONDS)
                await _until(ended, 1.0)

        await asyncio.gather(_beat(well, ended), *(keep(i + 1) for i in range(count)))


async def _beat(well: Callable[[], bool], ended: asyncio.Event) -> None:
    """Touch the file as long as all is well."""
    file = heartbeat()
    file.unlink(missing_ok=True)
    while not ended.is_set():
        if well():
            file.touch()
        await _until(ended, BEAT_SECONDS if well() else 0.5)
    file.unlink(missing_ok=True)


async def _until(ended: asyncio.Event, seconds: float) -> None:
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(ended.wait(), seconds)


async def _main(given: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    if given.role == "scheduler":
        serving = schedule(given.host, given.port, ended)
    else:
        memory = given.memory or min(MEMORY, int(0.8 * MEMORY_LIMIT / given.workers))  # what a container may take, where it is in one
        serving = work(given.address, given.workers, memory, ended)
    task = asyncio.create_task(serving)
    over = asyncio.create_task(ended.wait())
    await asyncio.wait({task, over}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        await asyncio.wait({task}, timeout=ENDING_SECONDS)
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()
    if task.done():
        task.result()
    # Nothing of theirs is worth a longer farewell, and Dask's takes seconds.
    sys.stdout.flush()
    os._exit(0)


def _port(said: str) -> int:
    """Return the port that is set; Kubernetes sets a variable of the same name to an address where a service is called lab-scheduler."""
    return int(said.rpartition(":")[2] or 8786)


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Read the command line; what it does not say comes from the environment."""
    told = os.environ
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    roles = parser.add_subparsers(dest="role", required=True)
    scheduler = roles.add_parser("scheduler", help="hands out what is to be computed")
    scheduler.add_argument("--host", default=told.get("LAB_SCHEDULER_HOST", "0.0.0.0"), help="LAB_SCHEDULER_HOST; inside a private network only")
    scheduler.add_argument("--port", type=int, default=_port(told.get("LAB_SCHEDULER_PORT", "")), help="LAB_SCHEDULER_PORT")
    worker = roles.add_parser("worker", help="computes")
    worker.add_argument("address", nargs="?", default=told.get(ADDRESS), help=f"where the scheduler is; {ADDRESS}")
    worker.add_argument("--workers", type=int, default=int(told.get("LAB_WORKERS", "1")), help="single-threaded workers; LAB_WORKERS")
    worker.add_argument("--memory", type=int, default=0, help="bytes that one of them may take; 0: up to 4 GB, as far as there are")
    worker.add_argument("--nice", type=int, default=int(told.get("LAB_NICE", "10")), help="by how much everybody else goes first; LAB_NICE")
    given = parser.parse_args(words)
    if given.role == "worker":
        if not given.address:
            worker.error(f"no scheduler: give its address, as tcp://scheduler:8786, or set {ADDRESS}")
        if given.workers < 1:
            worker.error(f"{given.workers} workers: at least one")
    return given


def main() -> None:
    """Read the arguments and serve."""
    given = arguments()
    if given.role == "worker":
        os.nice(given.nice)
    dask.config.set(SETTINGS)  # TLS and the like stay as Dask's own variables say
    asyncio.run(_main(given))


if __name__ == "__main__":
    main()
