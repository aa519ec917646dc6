"""Operations over bars and forecasts: candles, features, regimes, the backtest explorer."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
