# syntax=docker/dockerfile:1
# The worker and the commands of tierlane. Built in two stages, so that no compiler, build back end
# or source stays in the image; run by a user without rights.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1

# What changes seldom comes first: a change of the source keeps these layers.
COPY requirements/build.txt requirements/image.txt requirements/
RUN python -m venv /opt/tierlane \
    && /opt/tierlane/bin/pip install --require-hashes -r requirements/image.txt \
    && pip install --require-hashes -r requirements/build.txt

COPY pyproject.toml README.md LICENSE ./
COPY topics topics
COPY src src
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/tierlane/bin/pip install --no-deps dist/*.whl

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="tierlane" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --no-create-home tierlane \
    && install -d -o tierlane -g tierlane /var/lib/tierlane
COPY --from=build /opt/tierlane /opt/tierlane

# The web endpoint must be reached from outside the container; publishing it is the host's choice.
ENV PATH=/opt/tierlane/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TIERLANE_STATE_DIR=/var/lib/tierlane \
    TIERLANE_WEB_HOST=0.0.0.0 \
    TIERLANE_WEB_PORT=6066
WORKDIR /var/lib/tierlane
USER 10001
EXPOSE 6066

# `healthz` says that the process lives; `readyz`, that it serves. A worker that restores its state
# is healthy and not ready, and must not be killed for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:6066/healthz', timeout=2)"]
ENTRYPOINT ["tierlane"]
CMD ["worker"]
