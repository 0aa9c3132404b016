"""What is free goes back."""

import subprocess
import sys
import time
import weakref

import pytest
from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from tests.servers import ROOT
from ui import memory

SCRIPT = """
import gc, sys, threading
import numpy as np, psutil
from ui import memory
if not memory._libc(): sys.exit(77)
if sys.argv[1] == "frugal": memory.frugal()
own = lambda: psutil.Process().memory_full_info().uss / 1e6
start, kept = own(), []
def work():
    # Small enough for a heap, and a little of it stays behind above the rest.
    parts = [np.ones(4000) for _ in range(400)]
    kept.append(parts[-1])
for _ in range(3):
    threads = [threading.Thread(target=work) for _ in range(16)]
    [each.start() for each in threads]
    [each.join() for each in threads]
gc.collect()
held = own() - start
memory.hand_back()
print(held, own() - start)
"""


@pytest.mark.parametrize("how", ["frugal", "plain"])
def test_what_threads_have_freed_is_handed_back(how):
    done = subprocess.run([sys.executable, "-c", SCRIPT, how], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("another C library")
    held, left = map(float, done.stdout.split())
    assert left < 15, done.stdout
    assert left < 0.5 * held or held < 15, done.stdout


class Visit:
    def __init__(self, name):
        self.id = name


def test_a_visit_that_nobody_comes_back_to_is_let_go_of_though_no_other_visitor_comes(monkeypatch):
    storage = MemorySessionStorage(ttl_seconds=0.2)
    manager = WebsocketSessionManager(storage, None, None, lambda: None, lambda _: None)
    visit = Visit("a")
    gone = weakref.ref(visit)
    storage.save(SessionInfo(client=None, session=visit, script_run_count=1))
    del visit
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: type("Runtime", (), {"_session_mgr": manager}))
    assert memory.ended() == 0
    assert gone() is not None
    time.sleep(0.25)
    assert gone() is not None, "Streamlit alone keeps it"
    assert memory.ended() == 1
    assert gone() is None
