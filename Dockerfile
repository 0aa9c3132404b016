# docs/docker.md says how to build, run and check it.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

# Where the CPU build of torch comes from: requirements.txt pins torch==2.13.0, pip prefers 2.13.0+cpu where it sees one, and without it
# takes the build with several GB of CUDA packages. Empty: only the usual index. FIND_LINKS: a folder of wheels, mounted for the build.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG FIND_LINKS=

# A user of the lab can write nowhere but in /tmp.
RUN groupadd --gid 10001 lab \
 && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin lab

WORKDIR /app
COPY requirements.txt ./
RUN python3 -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
      ${TORCH_INDEX:+--extra-index-url "${TORCH_INDEX}"} ${FIND_LINKS:+--find-links "${FIND_LINKS}"} -r requirements.txt

# Compiled here, since the user may not write it; readable whatever the checkout's umask was.
COPY . .
RUN chmod -R a+rX . && /opt/venv/bin/python -m compileall -q .

# The server listens beyond loopback in here only: what is published, and where, is decided by whoever runs the container.
ENV PATH=/opt/venv/bin:${PATH} \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501
EXPOSE 8501
USER 10001:10001

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "docker/healthcheck.py"]
# Exec form: the server itself is process 1 and gets the SIGTERM of `docker stop`.
CMD ["streamlit", "run", "app.py"]
