"""Operations of the compliance view, under ``/api/compliance``."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
