# docs/docker.md says how to build, run and check it.
# The tag is exact. A digest goes into the same argument: --build-arg BASE=python:3.11.15-slim-bookworm@sha256:...
ARG BASE=python:3.11.15-slim-bookworm


FROM ${BASE} AS packages

# Which torch, and where it comes from: without its local version pip would take the build with several GB of CUDA packages from the usual index.
# FIND_LINKS: a folder of wheels, mounted for the build.
ARG TORCH=torch==2.13.0+cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG FIND_LINKS=

WORKDIR /build
COPY requirements.txt docker/prune.py ./
RUN python3 -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
      ${TORCH_INDEX:+--extra-index-url "${TORCH_INDEX}"} ${FIND_LINKS:+--find-links "${FIND_LINKS}"} -r requirements.txt "${TORCH}" \
 && python3 prune.py /opt/venv


FROM ${BASE} AS app

# Compiled here, since the user may not write it; readable whatever the checkout's umask was.
WORKDIR /app
COPY . .
RUN rm docker/prune.py && chmod -R a+rX . && python3 -m compileall -q .


FROM ${BASE}

# A user of the lab can write nowhere but in /tmp, /dev/shm and /data, where a volume for the databases belongs: a new one takes its owner from here.
# Neither the installer of packages nor a program that lends its user more rights is left to whoever gets in.
RUN groupadd --gid 10001 lab \
 && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin lab \
 && install --directory --owner 10001 --group 10001 --mode 0750 /data \
 && for name in pip setuptools wheel pkg_resources _distutils_hack distutils-precedence.pth; do \
      for at in /usr/local/lib/python3.11/site-packages /usr/lib/python3/dist-packages; do rm -rf $at/$name $at/$name-*; done; done \
 && rm -rf /usr/local/lib/python3.11/ensurepip /usr/lib/python3.11/ensurepip /usr/share/python-wheels /usr/local/bin/pip* /usr/bin/pip* \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
 && find / -xdev -type d -perm -o+w ! -path /tmp ! -path '/proc*' ! -path '/dev*' -exec chmod o-w {} +

COPY --from=packages /opt/venv /opt/venv
COPY --from=app /app /app
WORKDIR /app

# The server listens beyond loopback in here only: what is published, and where, is decided by whoever runs the container.
ENV PATH=/opt/venv/bin:${PATH} \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501
EXPOSE 8501
USER 10001:10001

# A worker imports torch first.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "docker/healthcheck.py"]
# Exec form, and the entry hands its process on: the part itself is process 1 and gets the SIGTERM of `docker stop`.
ENTRYPOINT ["python", "docker/lab.py"]
CMD ["web"]
