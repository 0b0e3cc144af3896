"""`/healthz`, `/readyz`, `/metrics`: for those who keep the parts running.

Nobody is asked who they are here, so that nothing told names a person or a case.
"""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client.exposition import choose_encoder

from gateway.looks import Looks
from gateway.metrics import registry
from gateway.readiness import readiness


def operations(looks: Looks) -> APIRouter:
    """Make the routes over one line of looks."""
    router = APIRouter(tags=["operations"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Say that this process serves; no other part is looked at."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz(request: Request) -> JSONResponse:
        """Tell how the parts stand; 503 where one is not ready, and with `?strict` if degraded."""
        found = readiness(await looks.latest())
        wanted = found.ready and not ("strict" in request.query_params and found.degraded)
        told: dict[str, Any] = {
            "ready": found.ready,
            "degraded": found.degraded,
            "age_seconds": round(looks.age, 1),
            "parts": [asdict(part) for part in found.parts],
        }
        return JSONResponse(told, 200 if wanted else 503)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Tell the figures of the latest look in the form Prometheus reads."""
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        told = registry(await looks.latest(), looks.age)
        return Response(encode(told), headers={"Content-Type": media_type})

    return router
