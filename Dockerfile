# syntax=docker/dockerfile:1

FROM python:3.13-slim AS packages
COPY requirements.lock /build/
RUN python -m venv /opt/studio \
    && /opt/studio/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r /build/requirements.lock

FROM python:3.13-slim
# pg_dump and pg_restore, for backups.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/studio studio
COPY --from=packages /opt/studio /opt/studio
WORKDIR /srv/studio
# .dockerignore lets through what belongs here.
COPY . ./
RUN /opt/studio/bin/python -m compileall -q omixa_studio

ENV PATH=/opt/studio/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    STUDIO_HOST=0.0.0.0 \
    STUDIO_PORT=8000 \
    STUDIO_DATA_DIR=/var/lib/studio/data
RUN install -d -o studio -g studio -m 700 /var/lib/studio/data
VOLUME /var/lib/studio/data
USER studio
EXPOSE 8000

# Web and worker in one container; compose.yaml gives each its own.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-m", "omixa_studio.healthcheck"]
CMD ["python", "manage.py", "studio"]
