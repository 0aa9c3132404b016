"""Streamlit's own files, from memory and compressed, are what it sends itself."""

import gzip
import re
from pathlib import Path

import anyio
import pytest
import streamlit

from tests.servers import get, running
from ui.bundles import Bundles

STATIC = Path(streamlit.__file__).parent / "static"


@pytest.fixture(scope="module", params=["", "labs/one"])
def site(request):
    with running(base=request.param) as url:
        yield url


def named(url):
    return re.findall(r'(?:src|href)="\./(static/[^"]+\.(?:js|css))"', get(f"{url}/").body.decode())


def test_a_file_is_sent_compressed_as_it_is_and_for_good_the_first_time_and_every_other(site):
    names = named(site)
    assert len(names) > 20
    for name in names[:12]:
        for _ in range(2):
            plain, squeezed = get(f"{site}/{name}"), get(f"{site}/{name}", accept_encoding="gzip")
            raw = (STATIC / name).read_bytes()
            assert plain.body == raw
            assert "content-encoding" not in plain.headers
            if len(raw) > 2000:
                assert squeezed.headers["content-encoding"] == "gzip"
                assert len(squeezed.body) < len(raw)
            assert (gzip.decompress(squeezed.body) if "content-encoding" in squeezed.headers else squeezed.body) == raw
            for answer in (plain, squeezed):
                assert answer.status == 200
                assert "immutable" in answer.headers["cache-control"]
                assert answer.headers["vary"] == "Accept-Encoding"
                assert answer.headers["content-length"] == str(len(answer.body))
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert answer.headers["content-type"].startswith("text/css" if name.endswith("css") else "application/javascript")


def test_a_file_that_a_browser_has_is_not_sent_again_and_one_that_is_none_stays_none(site):
    name = named(site)[0]
    first = get(f"{site}/{name}")
    assert get(f"{site}/{name}", if_none_match=first.headers["etag"]).status == 304
    for stray in ("static/js/nothing.00000000.js", "static/../app.py", "static/js/%2e%2e/%2e%2e/%2e%2e/app.py"):
        answer = get(f"{site}/{stray}")
        assert b"sys.path" not in answer.body
        assert answer.status != 200 or b'<div id="root">' in answer.body, "Streamlit's page, as for every address that it does not know"


def ask(app, path, headers=(), method="GET", query=b""):
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": list(headers)}
    anyio.run(app, scope, None, send)
    return sent


@pytest.mark.parametrize(
    ("status", "headers", "kept"),
    [
        (200, {b"cache-control": b"public, immutable"}, True),
        (200, {b"cache-control": b"no-cache"}, False),
        (404, {b"cache-control": b"public, immutable"}, False),
        (200, {b"cache-control": b"public, immutable", b"content-encoding": b"br"}, False),
        (200, {b"cache-control": b"public, immutable", b"content-length": b"5"}, False),  # an answer that was cut off
    ],
)
def test_only_a_whole_answer_that_never_changes_is_kept(status, headers, kept):
    body, asked = b"let a = 1;\n" * 200, []

    async def app(scope, receive, send):
        asked.append(scope["path"])
        said = {b"content-length": str(len(body)).encode(), b"content-type": b"text/css"} | headers
        await send({"type": "http.response.start", "status": status, "headers": list(said.items())})
        await send({"type": "http.response.body", "body": body[:100], "more_body": True})
        await send({"type": "http.response.body", "body": body[100:]})

    bundles = Bundles(app, "")
    for _ in range(3):
        sent = ask(bundles, "/static/a.css", [(b"accept-encoding", b"gzip, br")])
        assert sent[0]["status"] == status
        found = b"".join(message.get("body", b"") for message in sent[1:])
        assert (gzip.decompress(found) if kept else found) == body
    assert len(asked) == (1 if kept else 3)
    for rest in ({"method": "HEAD"}, {"query": b"x=1"}, {"headers": [(b"range", b"bytes=0-9")]}):
        count = len(asked)
        ask(bundles, "/static/a.css", **rest)
        assert len(asked) == count + 1
    ask(bundles, "/elsewhere/a.css")
    assert asked[-1] == "/elsewhere/a.css"
