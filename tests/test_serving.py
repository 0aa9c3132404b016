"""The server as its users meet it: files, base path, several workers, a proxy, the health check and the way it stops."""

import gzip
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.modules import late, needed
from tests.servers import ROOT, get, process, proxied, running, running_workers, session
from ui import serving, shell

BASE = "lab/x"
OUTSIDE = re.compile(r"""(?:https?:|wss?:|(?<=["'(\s]))//[\w.-]+""")
# Names, not addresses: nothing is fetched from them.
NAMESPACES = {"http://www.w3.org", "http://purl.org"}


@pytest.fixture(scope="module")
def based() -> Iterator[str]:
    with running(base=BASE) as url:
        yield url


def plotly() -> bytes:
    return (Path(importlib.util.find_spec("plotly").origin).parent / "package_data" / "plotly.min.js").read_bytes()


def on_disk(name: str) -> bytes:
    return plotly() if name == "plotly.min.js" else (ROOT / "assets" / name).read_bytes()


MODULES = sorted(f"plot/{path.name}" for path in (ROOT / "assets" / "plot").glob("*.js"))
SERVED = ["plotly.min.js", "icon.svg", *MODULES]


@pytest.mark.parametrize("name", SERVED)
def test_a_file_arrives_whole_and_typed_with_and_without_compression(server, name):
    squeezed = get(f"{server}/{serving.address(name)}", accept_encoding="gzip, br")
    plain = get(f"{server}/{serving.address(name)}", accept_encoding="identity")
    assert (squeezed.status, plain.status) == (200, 200)
    assert squeezed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(squeezed.body) == plain.body == on_disk(name)
    assert len(squeezed.body) < 0.75 * len(plain.body)
    for answer in (squeezed, plain):
        assert answer.headers["content-type"].startswith("image/svg+xml" if name.endswith("svg") else "text/javascript")
        assert "Accept-Encoding" in answer.headers["vary"]
        assert int(answer.headers["content-length"]) == len(answer.body)


@pytest.mark.parametrize("name", ["plotly.min.js", "icon.svg"])
def test_a_file_is_kept_for_good_under_its_own_version_and_no_other(server, name):
    version = hashlib.sha256(on_disk(name)).hexdigest()[:12]
    assert get(f"{server}/lab/{name}?v={version}").headers["cache-control"] == "public, max-age=31536000, immutable"
    for query in ("", "?v=", "?v=000000000000", f"?w={version}"):
        answer = get(f"{server}/lab/{name}{query}")
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_kept_for_good_beside_the_others_of_its_version_and_served_from_a_stale_one(server, name):
    folder = serving.address("plot/mount.js").rpartition("/")[0]
    assert serving.address(name) == f"{folder}/{name.removeprefix('plot/')}", "one version for all, so that relative imports find each other"
    assert re.fullmatch(r"lab/plot/[0-9a-f]{12}", folder)
    assert get(f"{server}/{serving.address(name)}").headers["cache-control"] == "public, max-age=31536000, immutable"
    stale = get(f"{server}/lab/{name.replace('/', '/000000000000/')}")
    assert (stale.status, stale.headers["cache-control"], stale.body) == (200, "no-cache", on_disk(name))


def test_modules_import_each_other_by_relative_address_and_only_files_that_are_there():
    for name in MODULES:
        imported = re.findall(r"""^import\b[^;"']*["']([^"']+)["'];""", on_disk(name).decode(), re.MULTILINE)
        assert {f"plot/{address.removeprefix('./')}" for address in imported} <= set(MODULES)
        assert all(address.startswith("./") for address in imported)


def test_the_entry_names_every_module_so_that_a_browser_asks_for_all_at_once():
    named = re.findall(r'"\./([^"]+)"', on_disk("plot/mount.js").decode())
    assert needed("mount.js") == {*named, "mount.js"}, "the entry names all that it needs"
    # All but what one lab alone needs, the model of its hand, which that lab asks for when it is there.
    assert late()
    everything = needed("mount.js").union(*(needed(name) for name in late()))
    assert {f"plot/{name}" for name in everything} == set(MODULES)


def test_a_change_to_any_module_moves_them_all(monkeypatch):
    before, content = serving.address("plot/mount.js"), serving._content
    for name in MODULES:
        serving._modules_version.cache_clear()
        monkeypatch.setattr(serving, "_content", lambda each, name=name: content(each) if each != name else (b"", b"", "changed"))
        assert serving.address("plot/mount.js") != before
        monkeypatch.undo()
    serving._modules_version.cache_clear()
    assert serving.address("plot/mount.js") == before


@pytest.mark.parametrize("address", ["icon.svg", "plot/0/mount.js"])
def test_a_browser_that_has_the_file_is_told_so_and_gets_nothing_twice(server, address):
    first = get(f"{server}/lab/{address}")
    again = get(f"{server}/lab/{address}", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    other = get(f"{server}/lab/{address}", if_none_match='"another"')
    assert (other.status, other.body) == (200, first.body)


ABSENT = [
    *("nothing.js", "plotly.js", "narrative", "home.md", "%2e%2e", "..%2fapp.py", "%2e%2e%2fapp.py", "icon.svg%00", "plot", "plot/mount.js"),
    *("plot/0/nothing.js", "plot/0/style.css", "plot/0/..%2fstyle.css", "plot/0/%2e%2e", "narrative/0/home.md"),
]


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_not_a_file_of_ours_is_not_found(server, name):
    answer = get(f"{server}/lab/{name}")
    assert answer.status in (400, 404)
    assert b"streamlit" not in answer.body.lower()


def test_nothing_we_serve_points_outside():
    served = [path for path in (ROOT / "assets").rglob("*") if path.suffix in serving.TYPES]
    assert len(served) >= 2 + len(MODULES)
    for path in served:
        if path.suffix != ".png":
            found = set(OUTSIDE.findall(path.read_text(encoding="utf-8")))
            assert found <= NAMESPACES, f"{path.name} names {found - NAMESPACES}"


def test_the_page_names_only_addresses_beside_it(server):
    page = get(f"{server}/").body.decode()
    linked = re.findall(r"""(?:src|href)="([^"]*)\"""", page)
    assert linked
    assert all(address.startswith("./") for address in linked), linked


def test_a_page_comes_up_over_the_websocket(server):
    with session(server) as visitor:
        visitor.run()
    assert "heading" in visitor.kinds()
    assert "exception" not in visitor.kinds()


def test_a_script_leaves_the_search_path_of_modules_alone():
    """Another session's thread may be looking for a module along it: an entry that goes away makes it pass over the next one."""
    seen = """
import sys, app
from streamlit.runtime.scriptrunner.exec_code import modified_sys_path
before = list(sys.path)
with modified_sys_path(sys.argv[1]):
    assert sys.path == before, "during a run"
assert sys.path == before, "after it"
assert sys.path[-1].endswith("/ui") and not any(each.endswith("/ui") for each in sys.path[:-1]), "no module of ours shadows another"
"""
    router = ROOT / "ui" / "router.py"
    done = subprocess.run([sys.executable, "-c", seen, str(router)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_class_that_opens_every_lab_of_a_cold_server_at_once_sees_them():
    def visit(place: str) -> set[str]:
        with session(url) as visitor:
            visitor.run(place)
            return visitor.kinds()

    with running() as url, ThreadPoolExecutor(len(shell.ROOMS)) as together:
        found = dict(zip(shell.ROOMS, together.map(lambda room: visit(room.file), shell.ROOMS), strict=True))
    assert [room.file for room, kinds in found.items() if "exception" in kinds or "heading" not in kinds] == []


def test_under_a_base_path_everything_moves_and_nothing_stays(based):
    root = based.removesuffix(f"/{BASE}")
    assert get(f"{based}/_stcore/health").body == b"ok"
    assert get(f"{based}/{serving.address('plotly.min.js')}").body == plotly()
    assert get(f"{based}/{serving.address('plot/mount.js')}").headers["cache-control"].endswith("immutable")
    assert get(f"{based}/lab/nothing.js").status == 404
    for stray in (serving.address("plotly.min.js"), serving.address("plot/mount.js"), "_stcore/health"):
        answer = get(f"{root}/{stray}")
        assert "javascript" not in answer.headers.get("content-type", "")
        assert answer.body != b"ok"
    with session(based) as visitor:
        visitor.run()
    assert "exception" not in visitor.kinds()


@pytest.mark.parametrize("strip", [True, False], ids=["the proxy strips the prefix", "the app knows the prefix"])
def test_behind_a_proxy_that_maps_a_prefix_the_app_loads(server, based, strip):
    with proxied(server if strip else based, f"/{BASE}", strip=strip) as url:
        assert get(f"{url}/").status == 200
        assert get(f"{url}/_stcore/health").body == b"ok"
        assert get(f"{url}/{serving.address('plotly.min.js')}").body == plotly()
        script = re.search(r'src="\./(static/js/[^"]+)"', get(f"{url}/").body.decode())[1]
        assert "javascript" in get(f"{url}/{script}").headers["content-type"]
        assert get(url.removesuffix(f"/{BASE}") + "/").status == 404
        with session(url) as visitor:
            visitor.run()
        assert "heading" in visitor.kinds()
        assert "exception" not in visitor.kinds()


@pytest.mark.parametrize("base", ["", BASE])
def test_two_workers_serve_the_page_and_sessions_at_once(base):
    def held(url: str) -> int:
        """Return how many sessions the worker that happens to answer holds."""
        return int(re.search(rb"^active_sessions (\d+)", get(f"{url}/_stcore/metrics").body, re.MULTILINE)[1])

    with running_workers(2, base) as url, ExitStack() as open_sessions:
        visitors = []
        # Which worker takes a connection is the system's choice: visitors come until each worker is seen to hold some of them, not all.
        for _ in range(40):
            visitors.append(open_sessions.enter_context(session(url)))
            visitors[-1].run()
            assert get(f"{url}/{serving.address('plot/mount.js')}").headers["cache-control"].endswith("immutable")
            if any(0 < held(url) < len(visitors) for _ in range(5)):
                break
        else:
            pytest.fail("one worker took all 40 sessions")
        assert get(f"{url}/").status == 200
        for visitor in visitors:
            assert "heading" in visitor.kinds()
            assert "exception" not in visitor.kinds()


def test_an_open_session_does_not_keep_the_server_from_stopping():
    with process() as (server, url), session(url) as visitor:
        visitor.run()
        start = time.monotonic()
        server.terminate()
        server.wait(8)
        assert time.monotonic() - start < 5


def check(url: str, base: str) -> int:
    settings = {"STREAMLIT_SERVER_PORT": str(urlsplit(url).port), "STREAMLIT_SERVER_BASE_URL_PATH": base, "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run([sys.executable, ROOT / "docker" / "healthcheck.py"], env=os.environ | settings, timeout=20, check=False).returncode


def test_the_image_health_check_knows_a_server_that_answers_from_one_that_does_not(server, based):
    assert check(server, "") == 0
    assert check(based, f"/{BASE}/") == 0
    # Streamlit answers the address without its base path with a page and 200: that is not health.
    assert check(based, "") == 1
    assert check(server, "elsewhere") == 1
    assert check("http://127.0.0.1:9", "") == 1
