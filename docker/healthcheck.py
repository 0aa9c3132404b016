"""Exit 0 if the server in this container answers, 1 if not. It reads the same variables as Streamlit and imports nothing slow."""

from __future__ import annotations

import os
import sys
import urllib.request


def healthy() -> bool:
    """Say whether the health address answers "ok"; the word matters, since Streamlit sends its page, with 200, for addresses it does not know."""
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    # No proxy: a container's http_proxy is for the way out.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://127.0.0.1:{port}/{base}{'/' if base else ''}_stcore/health", timeout=4) as answer:
            return bool(answer.read(16).strip() == b"ok")
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy() else 1)
