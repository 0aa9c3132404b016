"""Build the image and use it as its users do; print what it took, and what is wrong. `make image-test`.

It needs root, buildah, util-linux and a Chromium, and no Docker engine. `--debootstrap` makes the base image from Debian's packages where no image
registry is reached. A wheel folder (PIP_FIND_LINKS) and a certificate bundle (PIP_CERT) of this machine are lent to the build, not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.driving import CHARTS, LABS, browser, until, visit
from tests.image.container import Container, Image
from tests.servers import ROOT, free_port, healthy

IMAGE = "localhost/regularization-lab"
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
# What a slim image of Debian's has none of, and what its own tools leave behind.
LEAN = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/cache/apt", "var/lib/apt/lists", "var/log")
# The simplest storage and isolation: they need nothing of the kernel that a container lacks, so this works inside one too.
ENVIRONMENT = os.environ | {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
TOOLS = ("gcc", "cc", "g++", "clang", "ld", "as", "make", "cmake", "protoc", "pip", "pip3", "curl", "wget", "git")
# As the lab opens its databases.
KEEPS = "import os; from core.database import connected; connected(os.environ['LAB_STORE']).connect().exec_driver_sql('create table tried (a)')"
MOST_SECONDS = 10.0
MOST_MEGABYTES = 1450


class Buildah:
    """Buildah with a storage of its own, which `remove` takes away again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.command = ["buildah", "--root", str(folder / "storage"), "--runroot", str(folder / "run")]

    def __call__(self, *args: str) -> str:
        """Run a command to its end; return what it printed."""
        done = subprocess.run([*self.command, *args], env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.strip()

    def remove(self) -> None:
        """Remove containers, images and the folder."""
        for what in (["rm", "--all"], ["rmi", "--all", "--force"]):
            subprocess.run([*self.command, *what], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.folder)


def base() -> str:
    """Return the base image that the Dockerfile names, as a registry knows it."""
    return "docker.io/library/" + re.findall(r"^ARG BASE=(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)[0]


def make_base(buildah: Buildah) -> None:
    """Make a stand-in for the base image: Debian's smallest system and its Python 3.11, as lean as a slim image."""
    system = buildah.folder / "system"
    subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", system], stdout=subprocess.DEVNULL, check=True)
    for folder in LEAN:
        shutil.rmtree(system / folder, ignore_errors=True)
        (system / folder).mkdir()
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, str(system), "/")
    buildah("config", "--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container)
    buildah("commit", "--quiet", "--rm", container, base())
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
    log = buildah("bud", "--network", "host", "--format", "docker", *lent, *extra, "--tag", IMAGE, ".")
    # What the removals in docker/prune.py saved.
    print("\n".join(re.findall(r"^.* [\d.]+ MB$", log, re.MULTILINE)), flush=True)


class Findings:
    """What was seen, and what of it is wrong."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def __call__(self, name: str, value: object, right: bool = True) -> None:
        """Note and print a value, and whether it is as it should be."""
        print(f"{name:44} {value}{'' if right else '   <- WRONG'}", flush=True)
        if not right:
            self.wrong.append(name)


# ------------------------------------------------------------------------------------------------------------- what is in it


def look_inside(image: Image, size: int, note: Findings) -> None:
    """Look at the files and the settings of the image."""
    config = image.config
    note("image_mb", size, size <= MOST_MEGABYTES)
    for name, folder in (("of which packages", "opt/venv"), ("of which app", "app")):
        note(f"  {name}", round(sum(each.lstat().st_size for each in (image.root / folder).rglob("*")) / 1e6))
    note("user", config["User"], config["User"] == "10001:10001")
    note("exec form", config["Entrypoint"] + config["Cmd"], config["Entrypoint"][0] == "python" and config["Cmd"] == ["web"])
    places = [image.root / folder for folder in ("opt/venv/bin", "usr/local/bin", "usr/local/sbin", "usr/bin", "usr/sbin", "bin", "sbin")]
    tools = [tool for tool in TOOLS if any((place / tool).exists() for place in places)]
    note("build and download tools", tools, not tools)
    found = [
        path
        for pattern in ("*.a", "torch/include", "torch/test", "pandas/tests")
        for path in image.root.glob(f"opt/venv/lib/*/site-packages/{pattern}")
    ]
    note("libraries and tests that nobody runs", found, not found)
    devices = image.root / "dev"
    modes = {path: path.lstat().st_mode for path in image.root.rglob("*") if not (path.is_symlink() or path.is_relative_to(devices))}
    note("programs that lend rights", lent := [path for path, mode in modes.items() if mode & 0o6000 and path.is_file()], not lent)
    writable = [path.relative_to(image.root).as_posix() for path, mode in modes.items() if mode & 0o002 or path.lstat().st_uid == 10001]
    note("writable to the user, where / is not read-only", sorted(writable), set(writable) <= {"tmp", "data"})


def look_from_inside(image: Image, note: Findings) -> None:
    """Run some commands as the image's user, on a root file system that is read-only."""
    with Container(image, ["id", "-u"], entry=[]) as container:
        note("user inside", user := container.end(), user == "10001")
    for python in ("/opt/venv/bin/python", "/usr/bin/python3", "/usr/local/bin/python3"):
        if (image.root / python.removeprefix("/")).exists():
            with Container(
                image, [python, "-c", "import importlib.util as i; print([m for m in ('pip','setuptools') if i.find_spec(m)])"], entry=[]
            ) as container:
                note(f"pip to {python}", seen := container.end(), seen == "[]")
    script = "for d in / /app /opt/venv /etc /var/tmp /data /tmp /dev/shm; do touch $d/x 2>/dev/null && echo $d; done; true"
    with Container(image, ["sh", "-c", script], entry=[]) as container:
        note("writable inside, where / is read-only", found := container.end().split(), found == ["/tmp", "/dev/shm"])
    with Container(image, ["bash"]) as container:
        said = container.end()
        note("another command is refused", container.status, container.status == 2 and all(part in said for part in ("web", "scheduler", "worker")))


# ------------------------------------------------------------------------------------------------------------- what it does


def wait_for(what: str, condition: Callable[[], bool], containers: list[Container], seconds: float = 120) -> float:
    """Wait until a condition holds; return the seconds that took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds or any(each.process.poll() is not None for each in containers):
            raise RuntimeError(f"{what}: not so after {time.monotonic() - start:.0f} s\n" + "\n".join(each.log() for each in containers))
        time.sleep(0.05)
    return round(time.monotonic() - start, 2)


def stop(name: str, container: Container, note: Findings) -> None:
    """End a container as `docker stop` does."""
    start = time.monotonic()
    container.terminate()
    container.process.wait(20)
    note(f"seconds_to_stop_{name}", took := round(time.monotonic() - start, 2), took < 10)


def use_alone(image: Image, shots: Path, note: Findings) -> None:
    """Run the image as it is: the web process with an engine of its own; open every page."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    check = image.config["Healthcheck"]["Test"][1:]
    settings = {"STREAMLIT_SERVER_ADDRESS": "127.0.0.1", "STREAMLIT_SERVER_PORT": str(port)}
    with Container(image, [], settings=settings) as web:
        note("health_before", before := web.execute(check), before == 1)
        note("seconds_to_health", took := wait_for("health", lambda: healthy(url), [web]), took < MOST_SECONDS)
        note("process_1", words := web.words(), words[1:] == ["/opt/venv/bin/streamlit", "run", "app.py"])
        note("health", health := web.execute(check), health == 0)
        with browser() as chromium:
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            for place in ("", *LABS):
                start = time.monotonic()
                visit(page, f"{url}/{place}", CHARTS.get(place, 0))
                note(f"seconds_to_{place or 'home'}", round(time.monotonic() - start, 2))
                page.screenshot(path=shots / f"image-{place or 'home'}.png")
            note("memory_mb", web.memory(below=False))
            note("memory_mb_with_its_engine", web.memory())
            stop("web_with_a_page_open", web, note)


def use_as_a_site(image: Image, data: Path, note: Findings) -> None:
    """Run a scheduler, a worker and a web process of the same image, and train something to its end."""
    ports = free_port(), free_port()
    address, url = f"tcp://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
    # Containers of one machine that share its network here share no /tmp, so that each has a heartbeat of its own.
    check = image.config["Healthcheck"]["Test"][1:]
    settings: dict[str, dict[str, str]] = {
        "scheduler": {"LAB_SCHEDULER_HOST": "127.0.0.1", "LAB_SCHEDULER_PORT": str(ports[0])},
        "worker": {"DASK_SCHEDULER_ADDRESS": address, "LAB_WORKERS": "1"},
        "web": {
            "DASK_SCHEDULER_ADDRESS": address,
            "LAB_STORE": "sqlite:////data/studies.sqlite",
            "LAB_CLASS": "sqlite:////data/rooms.sqlite",
            "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
            "STREAMLIT_SERVER_PORT": str(ports[1]),
        },
    }
    with ExitStack() as stack:
        parts: dict[str, Container] = {}
        # A worker alone is not well.
        for name in ("worker", "scheduler", "web"):
            parts[name] = stack.enter_context(Container(image, [name], data=data if name == "web" else None, settings=settings[name]))
            if name == "worker":
                time.sleep(3)
                note("health_of_a_worker_alone", alone := parts[name].execute(check), alone == 1)
                continue
            took = wait_for(name, lambda name=name: parts[name].execute(check) == 0, list(parts.values()))  # type: ignore[misc]
            note(f"seconds_to_health_{name}", took, took < (MOST_SECONDS if name == "web" else 60))
        wait_for("worker", lambda: parts["worker"].execute(check) == 0, list(parts.values()))
        note("health_of_the_worker", 0)
        note("health_of_another_part", other := parts["worker"].execute([*check, "web"]), other == 1)
        for name, container in parts.items():
            note(f"process_1_of_{name}", " ".join(container.words()[1:]), container.user() == 10001)
        before = parts["worker"].processor()
        with browser() as chromium:
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            start = time.monotonic()
            visit(page, f"{url}/training", CHARTS["training"])
            note("run_done", said := trained(page), said.startswith("computed:"))
            note("seconds_to_the_end_of_a_training", round(time.monotonic() - start, 2))
        note("worker's seconds of processor", used := round(parts["worker"].processor() - before, 2), used > 0.1)
        note("web has no engine of its own", own := [line for line in parts["web"].below() if "core.engine.launcher" in line], not own)
        written = parts["web"].execute(["python", "-c", KEEPS])
        note("databases on the volume", kept := sorted(each.name for each in data.iterdir()), written == 0 and "studies.sqlite" in kept)
        for name, container in parts.items():
            note(f"memory_mb_{name}", container.memory())
            stop(name, container, note)


def trained(page: Page) -> str:
    """Send a page's film to its last epoch; return what its line says in the end."""

    def line() -> str:
        return str(page.evaluate("document.querySelector('.lab-film')?.textContent ?? ''"))

    def ended() -> bool:
        found = re.search(r": (\d+) epochs", line())
        last = page.locator('.lab-scrub[data-axis="epoch"] input').input_value()
        return bool(line().startswith("computed:") and found and found[1] == last)

    page.locator('.lab-scrub[data-axis="epoch"]').get_by_role("button", name="To the end", exact=True).click()
    until(ended, 180, page)
    return line()


def main() -> int:
    """Build, use, report; the exit status says whether all went well."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--debootstrap", action="store_true", help="make the base image from Debian's packages")
    options.add_argument("--keep", action="store_true", help="leave the images where they are, and say where")
    options.add_argument("extra", nargs="*", help="further arguments for the build, after --")
    given = options.parse_args()
    shots = ROOT / "build" / "shots"
    shots.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="lab-image-", dir="/var/tmp"))
    buildah, note = Buildah(folder), Findings()
    try:
        if given.debootstrap:
            make_base(buildah)
        start = time.monotonic()
        build(buildah, given.extra)
        note("seconds_to_build", round(time.monotonic() - start, 1))
        note("base_mb", size(buildah, base()))
        config = json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]
        image = Image(Path(buildah("mount", buildah("from", "--pull-never", IMAGE))), config)
        look_inside(image, size(buildah, IMAGE), note)
        look_from_inside(image, note)
        use_alone(image, shots, note)
        (data := folder / "data").mkdir()
        os.chown(data, 10001, 10001)
        use_as_a_site(image, data, note)
    finally:
        if given.keep:
            print(f"kept: {' '.join(buildah.command)}", file=sys.stderr)
        else:
            buildah.remove()
    print(f"wrong: {', '.join(note.wrong)}" if note.wrong else "all is as it should be")
    return 1 if note.wrong else 0


def size(buildah: Buildah, image: str) -> int:
    """Return the size of an image's files in megabytes, base included."""
    found = json.loads(buildah("images", "--json", image))[0]
    return round(float(str(found["size"]).split()[0]) * (1000 if "GB" in found["size"] else 1))


if __name__ == "__main__":
    sys.exit(main())
