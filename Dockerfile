# The image of all our services; Temporal and PostgreSQL have their own (docker-compose.yml).
FROM python:3.12-slim-bookworm AS build

# for a network with its own index: docker compose build --build-arg UV_DEFAULT_INDEX=…
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
RUN pip install --no-cache-dir uv==0.13.9

ENV UV_PROJECT_ENVIRONMENT=/opt/rongcuo \
    UV_PYTHON=/usr/local/bin/python3.12 \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
RUN uv sync --no-dev --no-install-project
COPY domain domain
COPY workflows workflows
COPY projections projections
COPY workers workers
COPY gateway gateway
RUN uv sync --no-dev --no-editable


FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 rongcuo \
    && useradd --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home \
        --shell /usr/sbin/nologin rongcuo \
    && install -d -o 10001 -g 10001 -m 0700 /notices /seal /witness
COPY --from=build /opt/rongcuo /opt/rongcuo
ENV PATH=/opt/rongcuo/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
ENTRYPOINT ["rongcuo"]
