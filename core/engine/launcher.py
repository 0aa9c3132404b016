"""A scheduler and its workers on this machine: `python -m core.engine.launcher`.

Prints the scheduler's address as one line once the workers are ready, and ends, with all of them, when its standard input closes: whoever started
it holds the other end, so however that process ends, nothing is left behind. Each worker has a nanny, which starts it anew when it was killed or
takes too much memory; and a worker whose nanny has ended ends by itself, even where this process is killed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import shutil
import sys
import tempfile
import threading
from typing import Any

import dask
import psutil  # type: ignore[import-untyped]
from distributed import Nanny, Scheduler, Worker

SETTINGS = {
    # A worker that died takes its link along, not the run: the registry hands the link out again, once.
    "distributed.scheduler.allowed-failures": 0,
    # A task waits at the scheduler until a worker is free, not behind another one's task.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.diagnostics.nvml": False,
    # Dask would have its workers give memory back at every chance, which costs a link of a large family more time than its training: the same tens of
    # megabytes are taken and given back thousands of times. Its nanny sees to it that they do not keep too much.
    "distributed.nanny.pre-spawn-environ": {
        "OMP_NUM_THREADS": 1,
        "MKL_NUM_THREADS": 1,
        "OPENBLAS_NUM_THREADS": 1,
        "MALLOC_ARENA_MAX": 1,
        "MALLOC_MMAP_THRESHOLD_": 32 << 20,
        "MALLOC_TRIM_THRESHOLD_": 256 << 20,
    },
}
MEMORY = 4 << 30
"""Bytes that a worker may take at most; a share of the machine's where that is less."""

_LOG = logging.getLogger(__name__)


class QuietScheduler(Scheduler):
    """A scheduler without the web page, which would listen on a port for anyone on the machine."""

    def start_http_server(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Dask's own
        """Listen on no port."""


class QuietWorker(Worker):
    """A worker without the web page."""

    def start_http_server(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Dask's own
        """Listen on no port."""


async def serve(workers: int, work: str, closed: asyncio.Event) -> None:
    """Start everything, say where, and return when ``closed`` is set."""
    folder = tempfile.mkdtemp(prefix="lab-engine-")
    memory = min(MEMORY, int(0.8 * psutil.virtual_memory().total / workers))
    try:
        async with QuietScheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
            nannies = [
                Nanny(
                    scheduler.address,
                    nthreads=1,
                    name=f"worker-{i}",
                    preload=[work],
                    host="127.0.0.1",
                    memory_limit=memory,
                    local_directory=folder,
                    worker_class=QuietWorker,
                    dashboard=False,
                )
                for i in range(workers)
            ]
            await asyncio.gather(*nannies)
            print(scheduler.address, flush=True)
            await closed.wait()
            _end(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(folder: str) -> None:
    """End the workers and this process at once: nothing of theirs is worth a farewell."""
    for child in psutil.Process().children(recursive=True):
        child.kill()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


async def _main(workers: int, work: str) -> None:
    closed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def watch() -> None:
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(closed.set)

    threading.Thread(target=watch, daemon=True).start()
    serving = asyncio.create_task(serve(workers, work, closed))
    ending = asyncio.create_task(closed.wait())
    # Closed while it was still starting: there is no one to be ready for.
    await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
    if closed.is_set():
        _end("")
    await serving


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="single-threaded workers")
    parser.add_argument("--work", default="core.engine.work", help="the module that makes a worker ready")
    parser.add_argument("--nice", type=int, default=10, help="by how much everybody else goes first")
    given = parser.parse_args()
    # Training is never in a hurry: whoever answers a hand goes first.
    os.nice(given.nice)
    dask.config.set(SETTINGS)
    try:
        asyncio.run(_main(max(1, given.workers), given.work))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
