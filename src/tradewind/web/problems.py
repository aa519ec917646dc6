"""Whatever fails, as problem details (RFC 9457) with what to do about it; never a traceback."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from tradewind.core.errors import InputError, TradewindError

_LOG = logging.getLogger("tradewind.web")
MEDIA = "application/problem+json"


class ProblemShape(BaseModel):
    """What the body of a failed request holds."""

    title: str
    status: int
    detail: str
    fix: str | None = None


class Problem(Exception):
    """A request that cannot be answered: ``title`` says what, ``detail`` why, ``fix`` what the person can do."""

    def __init__(
        self, status: int, title: str, detail: str, *, fix: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.headers = headers
        self.shape = ProblemShape(title=title, status=status, detail=detail, fix=fix)


def absent(what: str, detail: str, fix: str) -> Problem:
    """Return the problem of something that is not there (404), with the command that makes it."""
    return Problem(404, f"There is no {what}", detail, fix=fix)


def answer(problem: ProblemShape, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the response of a problem."""
    return JSONResponse(
        problem.model_dump(exclude_none=True), status_code=problem.status, media_type=MEDIA, headers=headers
    )


def fault(method: str, path: str, error: Exception) -> JSONResponse:
    """Log what nobody foresaw as one line, with where it happened, and return the response; the trace is for DEBUG."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" at {last[0].filename}:{last[0].lineno}" if last else ""
    said = " ".join(str(error).split())[:500]
    _LOG.error("%s %s failed: %s: %s%s", method, path, type(error).__name__, said, where)
    _LOG.debug("the trace", exc_info=error)
    return answer(
        ProblemShape(title="The dashboard failed", status=500, detail="The cause is in the log of the dashboard.")
    )


def handle_problems(app: FastAPI) -> None:
    """Answer every error that ``app`` foresees with a problem; the rest is caught at its border."""

    @app.exception_handler(Problem)
    async def _known(_: Request, error: Problem) -> JSONResponse:
        return answer(error.shape, error.headers)

    @app.exception_handler(TradewindError)
    async def _ours(_: Request, error: TradewindError) -> JSONResponse:
        if isinstance(error, InputError):
            return answer(ProblemShape(title="That cannot be done", status=422, detail=str(error), fix=error.fix))
        return answer(ProblemShape(title="That cannot be done", status=409, detail=str(error)))

    @app.exception_handler(RequestValidationError)
    async def _shape(_: Request, error: RequestValidationError) -> JSONResponse:
        said = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
        return answer(ProblemShape(title="The request does not fit", status=422, detail=said))

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        shape = ProblemShape(title="That cannot be answered", status=error.status_code, detail=error.detail)
        return answer(shape, error.headers)
