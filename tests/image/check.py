"""Build the image and use it as its users do; print what it took. `make image-test`.

It needs root, buildah and a Chromium, and no Docker engine. `--debootstrap` makes the base image from Debian's packages where no image
registry is reached. A wheel folder (PIP_FIND_LINKS) and a certificate bundle (PIP_CERT) of this machine are lent to the build, not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.browser.driving import CHARTS, LABS, browser, visit
from tests.servers import ROOT, free_port, get

IMAGE = "localhost/regularization-lab"
BASE = "docker.io/library/python:3.11-slim-bookworm"
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
# The simplest storage and isolation: they need nothing of the kernel that a container lacks, so this works inside one too.
ENVIRONMENT = os.environ | {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}


class Buildah:
    """Buildah with a storage of its own, which `remove` takes away again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.command = ["buildah", "--root", str(folder / "storage"), "--runroot", str(folder / "run")]

    def __call__(self, *args: str) -> str:
        """Run a command to its end; return what it printed."""
        done = subprocess.run([*self.command, *args], env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.strip()

    def inside(self, container: str, port: int, *command: str) -> subprocess.Popen[str]:
        """Start a command in a container as the image's own user."""
        settings = ["--env", "STREAMLIT_SERVER_ADDRESS=127.0.0.1", "--env", f"STREAMLIT_SERVER_PORT={port}"]
        line = [*self.command, "run", *settings, container, "--", *command]
        return subprocess.Popen(line, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def remove(self) -> None:
        """Remove containers, images and the folder."""
        for what in (["rm", "--all"], ["rmi", "--all", "--force"]):
            subprocess.run([*self.command, *what], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.folder)


def make_base(buildah: Buildah) -> None:
    """Make a stand-in for the base image: Debian's smallest system and its Python 3.11."""
    system = buildah.folder / "system"
    subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", system], stdout=subprocess.DEVNULL, check=True)
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, str(system), "/")
    buildah("config", "--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container)
    buildah("commit", "--quiet", "--rm", container, BASE)
    shutil.rmtree(system)


def build(buildah: Buildah, extra: list[str]) -> None:
    """Build the image, with what this machine's pip needs lent to it."""
    lent: list[str] = []
    if os.path.isdir(wheels := os.environ.get("PIP_FIND_LINKS", "")):
        lent += ["--volume", f"{wheels}:/wheels:ro", "--build-arg", "FIND_LINKS=/wheels", "--build-arg", "TORCH_INDEX="]
    if os.path.isfile(certificates := os.environ.get("PIP_CERT", "")):
        settings = buildah.folder / "pip.conf"
        settings.write_text("[global]\ncert = /etc/pip-cert.pem\n", encoding="utf-8")
        lent += ["--volume", f"{certificates}:/etc/pip-cert.pem:ro", "--volume", f"{settings}:/etc/pip.conf:ro"]
    # Docker's format, since the other one has no health check.
    buildah("bud", "--quiet", "--network", "host", "--format", "docker", *lent, *extra, "--tag", IMAGE, ".")


def server_pid(parent: int) -> int:
    """Return the server's process below buildah's; signals go to it as `docker stop` sends them to process 1."""
    queue = [parent]
    while queue:
        pid = queue.pop(0)
        with suppress(OSError):
            if b"python" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]:
                return pid
            queue += [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    raise RuntimeError("no server process below buildah's")


def use(buildah: Buildah, shots: Path) -> dict[str, object]:
    """Start the image's own command, ask for its health, open its pages, stop it; return what was seen."""
    config = json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]
    container = buildah("from", "--pull-never", IMAGE)
    port, seen = free_port(), {"size_mb": image_size(buildah), "user": config["User"]}
    url = f"http://127.0.0.1:{port}"
    check = config["Healthcheck"]["Test"][1:]
    seen["id"] = buildah.inside(container, port, "id").communicate(timeout=60)[0].strip()
    seen["health_before"] = buildah.inside(container, port, *check).wait(60)
    start = time.monotonic()
    server = buildah.inside(container, port, *config["Cmd"])
    try:
        while not answers(url):
            if server.poll() is not None or time.monotonic() - start > 60:
                raise RuntimeError("the server did not come up")
            time.sleep(0.05)
        seen["seconds_to_health"] = round(time.monotonic() - start, 2)
        pid = server_pid(server.pid)
        seen["user_of_server"] = os.stat(f"/proc/{pid}").st_uid
        seen["health"] = buildah.inside(container, port, *check).wait(60)
        with browser() as chromium:
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            for place in ("", *LABS):
                start = time.monotonic()
                visit(page, f"{url}/{place}", CHARTS.get(place, 0))
                seen[f"seconds_to_{place or 'home'}"] = round(time.monotonic() - start, 2)
                page.screenshot(path=shots / f"image-{place or 'home'}.png")
            seen["memory_mb"] = memory(pid)
            start = time.monotonic()
            os.kill(pid, signal.SIGTERM)
            server.wait(20)
            seen["seconds_to_stop_with_a_page_open"] = round(time.monotonic() - start, 2)
    finally:
        if server.poll() is None:
            os.kill(server_pid(server.pid), signal.SIGKILL)
        print(server.communicate(timeout=20)[0], file=sys.stderr)
        buildah("rm", container)
    return seen


def answers(url: str) -> bool:
    """Say whether the server is up."""
    try:
        return get(f"{url}/_stcore/health").body == b"ok"
    except OSError:
        return False


def image_size(buildah: Buildah) -> int:
    """Return the size of the image's files in megabytes, base included."""
    image = json.loads(buildah("images", "--json", IMAGE))[0]
    return round(float(str(image["size"]).split()[0]) * (1000 if "GB" in image["size"] else 1))


def memory(pid: int) -> int:
    """Return a process's resident megabytes."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return round(int(lines["VmRSS"].split()[0]) / 1024)


def main() -> int:
    """Build, use, report; the exit status says whether all went well."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--debootstrap", action="store_true", help="make the base image from Debian's packages")
    options.add_argument("--keep", action="store_true", help="leave the images where they are, and say where")
    options.add_argument("extra", nargs="*", help="further arguments for the build, after --")
    given = options.parse_args()
    shots = ROOT / "build" / "shots"
    shots.mkdir(parents=True, exist_ok=True)
    buildah = Buildah(Path(tempfile.mkdtemp(prefix="lab-image-", dir="/var/tmp")))
    try:
        if given.debootstrap:
            make_base(buildah)
        start = time.monotonic()
        build(buildah, given.extra)
        seen = {"seconds_to_build": round(time.monotonic() - start, 1)} | use(buildah, shots)
    finally:
        if given.keep:
            print(f"kept: {' '.join(buildah.command)}", file=sys.stderr)
        else:
            buildah.remove()
    for name, value in seen.items():
        print(f"{name:34} {value}")
    # The rest has raised if it went wrong; buildah's own exit status says nothing of the server's.
    return 0 if seen["health_before"] == 1 and seen["health"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
