"""Operations of the oncall view, under ``/api/oncall``."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
