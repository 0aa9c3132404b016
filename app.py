"""The lab's entry: `streamlit run app.py`, or any ASGI server with `app:app`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
# Streamlit would put the script's folder on the path and take it away again at each run of each session. While another thread goes along the path to
# find a module, it would pass over an entry then: on a cold server "No module named 'scipy'". What stands there for good, it leaves alone.
if str(ROOT / "ui") not in sys.path:
    sys.path.append(str(ROOT / "ui"))

from core.errors import InvalidInput  # noqa: E402 - needs the root on the path
from ui import lighter, memory, serving  # noqa: E402
from ui.admission import Admission, Line, places  # noqa: E402
from ui.bundles import Bundles  # noqa: E402
from ui.doors import Doors, hosts  # noqa: E402
from ui.headers import Headers, frame_ancestors  # noqa: E402
from ui.links import Links  # noqa: E402

memory.frugal()  # before there are threads
lighter.lighten()  # before Streamlit makes its runtime, which keeps some of what is replaced
try:
    line, base = Line(places()), serving.base_path()
    # From the outside in: what every answer says, who is let in, what never changes, who finds a place, links as people write
    # them.
    middleware = [
        Middleware(Headers, frame_ancestors()),
        Middleware(Doors, hosts(), base),
        Middleware(Bundles, base),
        Middleware(Admission, line, base, serving.address("full.js")),
        Middleware(Links),
    ]
except InvalidInput as refusal:
    # A server with other frames, names or places than those that were asked for, or with none: it does not start.
    sys.exit(str(refusal))

app = st.App(ROOT / "ui" / "router.py", routes=serving.routes(line), lifespan=serving.lifespan, middleware=middleware)
