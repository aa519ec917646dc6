"""Operations of the surveillance view, under ``/api/surveillance``."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
