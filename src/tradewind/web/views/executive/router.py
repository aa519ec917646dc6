"""Operations of the executive view, under ``/api/executive``."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
