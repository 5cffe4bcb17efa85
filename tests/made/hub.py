"""A hub on loopback: the part of the Hugging Face hub's HTTP API that fetching models uses, with faults to order."""

import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import anyio
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

from app.hub.types import Model, WantedFile

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PIECE = 64 * 1024


@dataclass
class MadeHub:
    """Files by repository and path; what is not small JSON counts as large file storage, as on the real hub."""

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    """Answers to give before the right one, to any request."""
    cuts: list[int] = field(default_factory=list)
    """After how many bytes to drop the next downloads."""
    stalls: bool = False
    """Whether downloads stop in the middle for good, with the line held."""
    ranges: bool = True
    """Whether a Range is honoured."""
    refuses: tuple[int, str] | None = None
    """A status and an X-Error-Code for every question about a repository."""
    named: list[str] = field(default_factory=list)
    """More paths that the hub claims were asked for."""
    lies: dict[str, bytes] = field(default_factory=dict)
    """By path, what is really sent."""
    downloads: list[tuple[str, str | None]] = field(default_factory=list)
    """Each path that was downloaded, with the Range that was asked for."""
    asked: int = 0


def made_hub(hub: MadeHub) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def faults(request: Request, call_next):  # type: ignore[no-untyped-def]  # Starlette's own are not typed
        hub.asked += 1
        if hub.statuses:
            return Response(status_code=hub.statuses.pop(0))
        if hub.refuses and request.url.path.startswith("/api/"):
            return Response(status_code=hub.refuses[0], headers={"X-Error-Code": hub.refuses[1]})
        return await call_next(request)

    @app.get("/api/models/{owner}/{name}/revision/{revision}")
    async def revision(owner: str, name: str, revision: str) -> Response:
        if f"{owner}/{name}" not in hub.files or not revision:
            return Response(status_code=404)
        return JSONResponse({"id": f"{owner}/{name}", "sha": COMMIT})

    @app.post("/api/models/{owner}/{name}/paths-info/{commit}")
    async def paths_info(owner: str, name: str, commit: str, request: Request) -> Response:
        if commit != COMMIT:
            return Response(status_code=404)
        asked = (await request.json())["paths"]
        there = hub.files[f"{owner}/{name}"]
        return JSONResponse([_info(path, there.get(path, b"")) for path in (*asked, *hub.named) if path in there])

    @app.get("/{owner}/{name}/resolve/{commit}/{path:path}")
    async def resolve(owner: str, name: str, commit: str, path: str) -> Response:
        if commit != COMMIT or path not in hub.files.get(f"{owner}/{name}", {}):
            return Response(status_code=404)
        return RedirectResponse(f"/content/{owner}/{name}/{path}", 302)

    @app.get("/content/{owner}/{name}/{path:path}")
    async def content(owner: str, name: str, path: str, request: Request) -> Response:
        wanted = request.headers.get("range")
        hub.downloads.append((path, wanted))
        data = hub.lies.get(path, hub.files[f"{owner}/{name}"][path])
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and hub.ranges else 0
        headers = {"Content-Length": str(len(data) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        cut = hub.cuts.pop(0) if hub.cuts else None
        return StreamingResponse(_pieces(data[start:], cut, hub.stalls), 206 if start else 200, headers)

    return app


def a_model(hub: MadeHub, **files: bytes) -> Model:
    """A catalogue entry whose files the hub has; `model_bin=` becomes `sub/model.bin`."""
    paths = {f"sub/{name.replace('_', '.')}": data for name, data in files.items()}
    hub.files["made/made"] = paths
    return Model(
        id="made",
        kind="stt",
        name="Made",
        repo="made/made",
        revision="main",
        files=tuple(WantedFile(path, path.removeprefix("sub/")) for path in paths),
        size_bytes=sum(map(len, paths.values())),
        licence="MIT",
        languages=("en",),
        purpose="tests",
        hardware="any",
        rank=1,
    )


def _info(path: str, data: bytes) -> dict[str, object]:
    git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    info: dict[str, object] = {"type": "file", "path": path, "size": len(data), "oid": git}
    if not path.endswith(".json"):
        info["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
    return info


async def _pieces(data: bytes, cut: int | None, stalls: bool) -> AsyncGenerator[bytes, None]:
    sent = data if cut is None else data[:cut]
    for at in range(0, len(sent), PIECE):
        if stalls and at > len(sent) // 2:
            await anyio.sleep_forever()
        yield sent[at : at + PIECE]
