# Two stages: what builds stays in the first. The second has no build tool, no root, and writes
# only to /data (a volume) and /tmp, so the root file system may be read-only.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /opt/dangjik
COPY requirements-runtime.lock ./
# The lock is whole but for what requirements-excluded.txt names, so nothing is to be resolved.
RUN /opt/dangjik/bin/python -m pip install --no-deps --require-hashes -r requirements-runtime.lock
COPY requirements-build.lock ./
RUN python -m pip install --no-deps --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY knowledge ./knowledge
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/dangjik/bin/python -m pip install --no-deps --no-index dist/*.whl \
    && /opt/dangjik/bin/python -m pip uninstall --yes pip setuptools

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 dangjik \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin dangjik \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data \
    && python -m pip uninstall --yes pip setuptools wheel
ENV PATH=/opt/dangjik/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    DATA_DIR=/data \
    HEALTH_PORT=8080
COPY --from=build /opt/dangjik /opt/dangjik
WORKDIR /data
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['HEALTH_PORT']}/healthz\", timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
