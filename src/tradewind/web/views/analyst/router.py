"""Operations of the analyst view, under ``/api/analyst``."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
