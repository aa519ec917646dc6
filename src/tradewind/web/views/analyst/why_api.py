"""Operations that say why: explanations, what would change them, how they compare."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
