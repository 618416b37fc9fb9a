"""Built front-end files: their hashed names by the manifest, served to be kept for ever."""

from __future__ import annotations

import json
import mimetypes
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
MANIFEST = STATIC / "manifest.json"


class NotBuilt(Exception):
    """The front end was not built; the message says how to."""


@cache
def _manifest(changed: float) -> dict[str, str]:
    return json.loads(MANIFEST.read_text(encoding="utf-8"))


def address(name: str) -> str:
    """The address of a built file by its source name: `css/app.css` -> `/static/css/app-3F2K.css`."""
    try:
        return "/static/" + _manifest(MANIFEST.stat().st_mtime)[name]
    except FileNotFoundError:
        raise NotBuilt("The front end is not built. Run: make build") from None
    except KeyError:
        raise NotBuilt(
            f"The front end has no {name}. Add it to web/assets/build.mjs and run: make build"
        ) from None


class Static(StaticFiles):
    """Files whose names carry a hash of their content: a changed file is a new address."""

    def file_response(self, full_path: str, stat_result, scope: Scope, status_code: int = 200) -> Response:  # type: ignore[no-untyped-def]
        """As Starlette answers it, with a lifetime of a year; compressed, as the build left it, for who takes that."""
        zipped = Path(f"{full_path}.gz")
        compressed = zipped.is_file()
        if compressed and "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            response: Response = FileResponse(
                zipped,
                status_code=status_code,
                media_type=mimetypes.guess_type(str(full_path))[0],
                headers={"Content-Encoding": "gzip"},
            )
        else:
            response = super().file_response(full_path, stat_result, scope, status_code)
        if compressed:
            response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
