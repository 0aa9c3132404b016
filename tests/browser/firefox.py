"""Find Debian's Firefox, or install it, and drive it: Playwright cannot, but Firefox speaks WebDriver BiDi itself, as JSON over a websocket.

`python -m tests.browser.firefox` prints where it is.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests import debian, servers

NAMES = ("firefox-esr", "firefox")
# As a visitor's own, but that it asks nobody anything, shows no page of its own, looks for no proxy, draws 3-D without a GPU and has patience.
PREFERENCES: dict[str, bool | int | str] = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.discovery.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.region.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.sessionstore.resume_from_crash": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.topsites.contile.enabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.usage.uploadEnabled": False,
    "dom.max_script_run_time": 0,
    "dom.push.connection.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.prefetch-next": False,
    "network.proxy.type": 0,
    "services.settings.server": "data:,nobody",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "toolkit.telemetry.server": "data:,nobody",
    "toolkit.telemetry.unified": False,
    "ui.prefersReducedMotion": 0,
    "webgl.force-enabled": True,
}
KEYS = {"Home": "\ue011", "End": "\ue010", "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015", "Tab": "\ue004"}


class Refused(RuntimeError):
    """What Firefox answers to a command that fails."""


# ------------------------------------------------------------------------------------------------------------------ to have one


def find() -> str | None:
    """Return the path of a Firefox, from $FIREFOX or the search path; None where there is none."""
    given = os.environ.get("FIREFOX")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install Debian's firefox-esr, with what it draws 3-D with where there is no GPU."""
    if not shutil.which("apt-get"):
        raise RuntimeError("no Firefox here, and no apt-get to install one: set $FIREFOX to the path of one")
    debian.install("firefox-esr", "libgl1-mesa-dri", "libegl1", "fonts-dejavu-core")


def executable() -> str:
    """Return the path of a Firefox, installed now where there is none."""
    if find() is None:
        install()
    found = find()
    if found is None:
        raise RuntimeError("Firefox has been installed but is not on the search path")
    return found


# ---------------------------------------------------------------------------------------------------------------- to talk to it


@dataclass
class Firefox:
    """A Firefox that runs, and the line to it."""

    line: ClientConnection
    events: list[dict[str, Any]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ask(self, method: str, seconds: float = 90, /, **params: Any) -> Any:
        """Send a command and return its result; what happens meanwhile is kept in ``events``."""
        number = next(self.numbers)
        self.line.send(json.dumps({"id": number, "method": method, "params": params}))
        end = time.monotonic() + seconds
        while True:
            message = json.loads(self.line.recv(timeout=max(0.01, end - time.monotonic())))
            if message["type"] == "event":
                self.events.append(message)
            elif message.get("id") == number:
                if message["type"] == "error":
                    raise Refused(f"{method}: {message['error']}: {message['message']}")
                return message["result"]

    @contextmanager
    def tab(self, width: int = 1280, height: int = 900) -> Iterator[Tab]:
        """Open a tab, which has the cookies and the cache of those before it; close it at the end."""
        context = self.ask("browsingContext.create", type="tab")["context"]
        try:
            self.ask("browsingContext.setViewport", context=context, viewport={"width": width, "height": height})
            yield Tab(self, context)
        finally:
            self.ask("browsingContext.close", context=context)


@dataclass
class Tab:
    """One page."""

    firefox: Firefox
    context: str

    def open(self, url: str) -> None:
        """Open an address; its errors are counted from here."""
        self.firefox.events.clear()
        self.firefox.ask("browsingContext.navigate", context=self.context, url=url, wait="interactive")

    def evaluate(self, function: str, *args: Any) -> Any:
        """Call a JavaScript function with arguments that JSON can write; return what it returns, or resolves to, if JSON can write that."""
        answer = self.firefox.ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({function})(...{json.dumps(args)})))()",
            target={"context": self.context},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise Refused(answer["exceptionDetails"]["text"])
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def wait_for(self, function: str, *args: Any, seconds: float = 90) -> Any:
        """Wait until a JavaScript function returns what counts as true, and return that."""
        end = time.monotonic() + seconds
        while not (found := self.evaluate(function, *args)):
            if time.monotonic() > end:
                raise TimeoutError(f"not within {seconds:g} s: {function} of {args}")
            time.sleep(0.05)
        return found

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, as a hand does."""
        strokes = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self.firefox.ask("input.performActions", context=self.context, actions=[{"type": "key", "id": "keys", "actions": strokes}])

    def drag(self, path: Sequence[tuple[float, float]], hold: bool = False) -> None:
        """Press the pointer at the first place of a path, in pixels of the screen, go along it, and let go at its end unless it is to be held."""
        (x, y), *rest = [(round(x), round(y)) for x, y in path]
        steps: list[dict[str, Any]] = [{"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0}]
        steps += [{"type": "pointerMove", "x": x, "y": y, "duration": 16} for x, y in rest]
        steps += [] if hold else [{"type": "pointerUp", "button": 0}]
        self._point(steps)

    def let_go(self) -> None:
        """Let go of what is held."""
        self._point([{"type": "pointerUp", "button": 0}])

    def _point(self, steps: list[dict[str, Any]]) -> None:
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self.firefox.ask("input.performActions", context=self.context, actions=[mouse])

    def picture(self, x: float = 0, y: float = 0, width: float = 0, height: float = 0) -> bytes:
        """Return what is on the screen, or in a box of it, as PNG."""
        clip = {"clip": {"type": "box", "x": x, "y": y, "width": width, "height": height}} if width else {}
        return base64.b64decode(self.firefox.ask("browsingContext.captureScreenshot", context=self.context, **clip)["data"])

    def complaints(self) -> list[str]:
        """Return the errors that the page has thrown, or written on the console, since it was opened."""
        entries = [event["params"] for event in self.firefox.events if event["method"] == "log.entryAdded"]
        return [entry["text"] for entry in entries if entry["level"] == "error" and entry["source"].get("context") == self.context]


@contextmanager
def running(preferences: Mapping[str, bool | int | str] | None = None) -> Iterator[Firefox]:
    """Start Firefox without a window, with a new profile, listening on loopback alone; end it and forget its profile afterwards.

    Parameters
    ----------
    preferences:
        What this one has otherwise, or besides.
    """
    with tempfile.TemporaryDirectory(prefix="lab-firefox-", ignore_cleanup_errors=True) as folder, tempfile.TemporaryFile() as log:
        profile = Path(folder)
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in (PREFERENCES | dict(preferences or {})).items()]
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        # Port 0 has it choose a free one, which it writes into its profile.
        command = [executable(), "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)]
        # A home of its own: nothing of this machine's user is read or written. A session of its own: its children can be ended with it.
        own = {"HOME": folder, "XDG_CACHE_HOME": folder, "XDG_CONFIG_HOME": folder, "MOZ_CRASHREPORTER_DISABLE": "1"}
        # Without a window only this way leads to Mesa, whose processor draws 3-D where there is no GPU.
        own |= {"MOZ_WEBGL_FORCE_EGL": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
        process = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log, start_new_session=True)
        try:
            address = _await_address(process, profile / "WebDriverBiDiServer.json")
            # Loopback needs no proxy; a page that draws for long answers no ping.
            with connect(f"{address}/session", max_size=None, proxy=None, ping_interval=None, open_timeout=30, close_timeout=2) as line:
                firefox = Firefox(line)
                firefox.ask("session.new", capabilities={})
                firefox.ask("session.subscribe", events=["log.entryAdded"])
                yield firefox
                with suppress(Exception):
                    firefox.ask("browser.close", 10)
        except Exception as problem:
            log.seek(0)
            problem.add_note(f"Firefox said: {log.read()[-2000:].decode(errors='replace')}")
            raise
        finally:
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)  # asked to close, it puts its profile in order first
            servers.end(process)


def _await_address(process: subprocess.Popen[bytes], place: Path, seconds: float = 60) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"Firefox ended with {process.returncode} before it listened")
        with suppress(OSError, ValueError, KeyError):
            said = json.loads(place.read_text(encoding="utf-8"))
            return f"ws://{said['ws_host']}:{said['ws_port']}"
        time.sleep(0.05)
    raise TimeoutError(f"Firefox does not listen after {seconds:g} s")


if __name__ == "__main__":
    print(executable())
