"""A container without an engine: an image's command as process 1 of its own, on a root file system that is read-only.

As Docker does with `--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --network host`, by the kernel's own means: mounts and
processes of its own, the image's user, no capabilities and no way to any. Only the network is the machine's, so that tests reach it on loopback.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

# tmpfs as Docker mounts it: nothing in /tmp can be executed.
_MOUNTS = """set -e
mount --bind {root} {root}
mount -o remount,bind,ro {root}
mount -t proc proc {root}/proc
mount --bind /sys {root}/sys
mount -o remount,bind,ro {root}/sys
mount -t tmpfs -o mode=1777,nosuid,nodev,noexec,size=256m tmpfs {root}/tmp
mount -t tmpfs -o mode=755,nosuid,noexec,size=64k tmpfs {root}/dev
for each in null zero full random urandom; do : > {root}/dev/$each; mount --bind /dev/$each {root}/dev/$each; done
mkdir {root}/dev/shm
mount -t tmpfs -o mode=1777,nosuid,nodev,noexec,size=64m tmpfs {root}/dev/shm
mount -o remount,ro {root}/dev
{data}
exec chroot {root} setpriv --reuid {user} --regid {group} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all env -i -C {work} {command}
"""


@dataclass(frozen=True)
class Image:
    """A mounted image: its root folder and Docker's ``config``."""

    root: Path
    config: dict[str, Any]


class Container:
    """A running container; leaving the block ends all of it.

    Parameters
    ----------
    image:
        What to run.
    command:
        What follows the image on the command line of `docker run`; empty: its own command.
    entry:
        Another entry than the image's.
    data:
        A folder to mount at ``/data``.
    settings:
        Environment variables beside the image's.
    """

    def __init__(
        self,
        image: Image,
        command: list[str],
        entry: list[str] | None = None,
        data: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        config = image.config
        self._user, self._group = config["User"].split(":")
        self._environment = [*config["Env"], *(f"{name}={value}" for name, value in (settings or {}).items())]
        words = [*self._environment, *(config["Entrypoint"] if entry is None else entry), *(command or config["Cmd"])]
        mount = "" if data is None else f"mount --bind {shlex.quote(str(data))} {shlex.quote(str(image.root))}/data"
        script = _MOUNTS.format(
            root=shlex.quote(str(image.root)),
            data=mount,
            user=self._user,
            group=self._group,
            work=shlex.quote(config["WorkingDir"] or "/"),
            command=shlex.join(words),
        )
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed where the block is left
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.status: int | None = None

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *problem: object) -> None:
        with suppress(psutil.NoSuchProcess):
            for process in reversed(psutil.Process(self.process.pid).children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self.process.kill()
        self.process.wait()
        self._log.close()

    def end(self) -> str:
        """Wait until it has ended by itself; return what it printed."""
        self.status = self.process.wait(60)
        return self.log()

    def log(self) -> str:
        """Return what it has printed."""
        self._log.flush()
        self._log.seek(0)
        return self._log.read().strip()

    def first(self) -> psutil.Process:
        """Return the container's process 1, as the machine sees it."""
        return psutil.Process(self.process.pid).children()[0]

    def _inside(self) -> int:
        """Return process 1 once it is on the image's root file system, after the mounts."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with suppress(IndexError, psutil.NoSuchProcess, OSError):
                if os.path.realpath(f"/proc/{(pid := self.first().pid)}/root") != "/":
                    return pid
            time.sleep(0.02)
        raise RuntimeError(f"the container did not start: {self.log()}")

    def words(self) -> list[str]:
        """Return the command line of process 1."""
        return list(self.first().cmdline())

    def user(self) -> int:
        """Return the user of process 1."""
        return int(self.first().uids().real)

    def below(self) -> list[str]:
        """Return the command lines of the processes below process 1."""
        return [" ".join(each.cmdline()) for each in self.first().children(recursive=True)]

    def memory(self, below: bool = True) -> int:
        """Return the megabytes of process 1, and of those below it, what they share counted once for each."""
        processes = [self.first(), *(self.first().children(recursive=True) if below else [])]
        return round(sum(each.memory_info().rss for each in processes) / 2**20)

    def processor(self) -> float:
        """Return the seconds of processor that its processes have taken."""
        return sum(sum(each.cpu_times()[:2]) for each in [self.first(), *self.first().children(recursive=True)])

    def terminate(self) -> None:
        """Send process 1 what `docker stop` does."""
        self.first().terminate()

    def execute(self, command: list[str]) -> int:
        """Run a command in the container, as `docker exec` does; return its exit status."""
        pid = self._inside()
        enter = ["nsenter", "--target", str(pid), "--mount", "--pid", "--root", "--wd", "--setuid", self._user, "--setgid", self._group]
        line = [*enter, "env", "-i", *self._environment, *command]
        return int(subprocess.run(line, stdout=subprocess.DEVNULL, timeout=60, check=False).returncode)
