"""Proxy, web processes, scheduler and workers on loopback, each started again when it ends, as `restart: unless-stopped` has it in compose.yaml."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests import debian
from tests.servers import ROOT, free_port, healthy

RESTART_SECONDS = 0.5
ENDING_SECONDS = 10.0


def caddy() -> str:
    """Return the proxy's program; install Debian's where there is none."""
    if shutil.which("caddy") is None:
        debian.install("caddy")
    return shutil.which("caddy") or "caddy"


@dataclass
class Part:
    """One process of the site.

    Attributes
    ----------
    name, command, env:
        What it is, how it is started, and what its environment has besides ours.
    starts:
        How often it has been started.
    """

    name: str
    command: list[str]
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0


@dataclass
class Site:
    """A running site.

    Attributes
    ----------
    url:
        Where its visitors go: the proxy.
    replicas:
        The web processes' own addresses.
    folder:
        Where its logs, databases and heartbeats are.
    parts:
        Its processes by name: ``proxy``, ``web-1``, ``scheduler``, ``worker-1`` and so on.
    """

    url: str
    replicas: list[str]
    folder: Path
    parts: dict[str, Part] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)

    def pid(self, name: str) -> int:
        """Return the process of a part."""
        process = self.parts[name].process
        if process is None:
            raise RuntimeError(f"{name} has not been started")
        return process.pid

    def tree(self, name: str) -> list[psutil.Process]:
        """Return a part's process and all below it."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid(name))
            return [process, *process.children(recursive=True)]
        return []

    def workers(self) -> list[int]:
        """Return the processes that compute: below each worker's nanny."""
        found = [child for name in self.parts if name.startswith("worker") for child in self.tree(name)[1:]]
        return [child.pid for child in found if "spawn_main" in " ".join(_cmdline(child))]

    def kill(self, name: str, signal_: int = signal.SIGKILL) -> None:
        """Send a part alone a signal; it is started again when it ends."""
        with suppress(ProcessLookupError):
            os.kill(self.pid(name), signal_)

    def log(self, name: str) -> str:
        """Return what a part has printed."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def await_well(self, seconds: float = 180) -> None:
        """Wait until the proxy, every web process, the scheduler and every worker are."""
        end = time.monotonic() + seconds
        while (missing := [name for name in self.parts if not self.well(name)]) and time.monotonic() < end:
            time.sleep(0.1)
        if missing:
            raise TimeoutError(f"not well after {seconds:g} s: {', '.join(missing)}\n{self.log(missing[0])[-2000:]}")

    def well(self, name: str) -> bool:
        """Say whether a part answers, as its health check in a container does."""
        if name.startswith("web"):
            return healthy(self.replicas[int(name.removeprefix("web-")) - 1])
        if name == "proxy":
            return healthy(self.url)
        file = self.folder / f"{name}.heartbeat"
        return file.exists() and time.time() - file.stat().st_mtime < 10

    def start(self, name: str) -> None:
        """Start a part."""
        part = self.parts[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            part.process = subprocess.Popen(part.command, cwd=ROOT, env=os.environ | part.env, stdout=log, stderr=log, start_new_session=True)
        part.starts += 1

    def _watch(self) -> None:
        while not self._ended.wait(RESTART_SECONDS):
            with self._lock:
                for name, part in self.parts.items():
                    if part.process is not None and part.process.poll() is not None and not self._ended.is_set():
                        # A container's other processes end with its first one.
                        _end_group(part.process)
                        self.start(name)

    def end(self) -> list[int]:
        """End everything as `docker compose down` does; return the processes that had to be killed after ten seconds."""
        self._ended.set()
        with self._lock:
            processes = [part.process for part in self.parts.values() if part.process is not None]
            for process in processes:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)
                    process.terminate()
            end, slow = time.monotonic() + ENDING_SECONDS, []
            for process in processes:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.1, end - time.monotonic()))
                    continue
                slow.append(process.pid)
            for process in processes:
                _end_group(process)
        return slow


@contextmanager
def site(folder: Path, web: int = 2, workers: int = 2, env: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Run the site; yield it once all of it is well.

    Parameters
    ----------
    folder:
        An empty one for what it keeps.
    web, workers:
        How many web processes, and worker processes with one worker each.
    env:
        Further settings of the web processes.
    """
    ports = [free_port() for _ in range(web + 2)]
    address, replicas = f"tcp://127.0.0.1:{ports[1]}", [f"http://127.0.0.1:{port}" for port in ports[2:]]
    found = Site(f"http://127.0.0.1:{ports[0]}", replicas, folder)

    def add(name: str, command: list[str], **settings: str) -> None:
        beat = {"LAB_HEARTBEAT": str(folder / f"{name}.heartbeat"), "PYTHONUNBUFFERED": "1"}
        found.parts[name] = Part(name, command, beat | settings)

    node = [sys.executable, "-m", "core.engine.node"]
    add("scheduler", [*node, "scheduler", "--host", "127.0.0.1", "--port", str(ports[1])])
    for number in range(1, workers + 1):
        add(f"worker-{number}", [*node, "worker", address, "--workers", "1"])
    kept = {name: f"sqlite:///{folder / file}" for name, file in (("LAB_STORE", "studies.sqlite"), ("LAB_CLASS", "rooms.sqlite"))}
    for number, port in enumerate(ports[2:], start=1):
        options = ["--server.address", "127.0.0.1", "--server.port", str(port)]
        command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
        add(f"web-{number}", command, **({"DASK_SCHEDULER_ADDRESS": address} | kept | dict(env or {})))
    proxy = [caddy(), "run", "--config", str(ROOT / "docker" / "Caddyfile"), "--adapter", "caddyfile"]
    upstreams = "to " + " ".join(url.removeprefix("http://") for url in replicas)
    home = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    add("proxy", proxy, LAB_SITE=found.url, LAB_UPSTREAMS=upstreams, LAB_COOKIE_SECRET=secrets.token_hex(8), LAB_CADDY_OPTIONS="", **home)
    for name in found.parts:
        found.start(name)
    watcher = threading.Thread(target=found._watch, daemon=True)
    watcher.start()
    try:
        found.await_well()
        yield found
    finally:
        found.end()
        watcher.join(5)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _cmdline(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []
