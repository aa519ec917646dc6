"""Operations of evidence: an alert told from the events it was raised on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from fastapi import APIRouter

from tradewind.surveillance.alert import Alert
from tradewind.surveillance.events.table import PRICE_UNIT
from tradewind.surveillance.explain import (
    Article,
    EvidenceChain,
    articles,
    caveats,
    checks,
    confidence,
    contributions,
    doubts,
    duties,
)
from tradewind.web.views.surveillance.chains import alert_of_case, bundled, chain_of, market_of, scored_by
from tradewind.web.views.surveillance.desk import AtDesk, moment
from tradewind.web.views.surveillance.evidence_shapes import (
    CaseEvidence,
    EvidenceAccount,
    EvidenceArticle,
    EvidenceFeature,
    EvidenceGrid,
    EvidenceOrder,
    EvidenceOutline,
    EvidencePiece,
    EvidenceStep,
)
from tradewind.web.views.surveillance.recorded import Recorded

router = APIRouter()
MOST_ORDERS = 2_000
POINTS = 600
SIDES = {1: "buy", -1: "sell", 0: "unknown"}


@router.get("/cases/{case}/alerts/{alert}/evidence")
def show_evidence(desk: AtDesk, case: str, alert: str) -> CaseEvidence:
    """Return why an alert was raised and what the events say of it, in order, for and against."""
    found = alert_of_case(desk, case, alert)
    market = market_of(desk)
    return evidence_of(chain_of(market, found), market)


def evidence_of(chain: EvidenceChain, market: Recorded) -> CaseEvidence:
    """Return a chain of evidence as the page shows it."""
    alert, base = chain.alert, chain.extract.span.start
    model, record = bundled()
    same = scored_by(alert, model)
    trust = confidence(alert, model if same else None, record if same else None)
    orders = _orders(chain, base)
    return CaseEvidence(
        alert=alert.id,
        scheme=alert.scheme.value,
        symbol=alert.symbol,
        base=str(base),
        base_time=moment(base),
        start=alert.start - base,
        end=alert.end - base,
        span=chain.extract.span.end - base,
        summary=list(chain.story.summary),
        accounts=_accounts(chain),
        profit=chain.profit,
        confidence=list(trust.words),
        bar=trust.bar if math.isfinite(trust.bar) else None,
        pieces=[EvidencePiece(name=name, log_odds=value) for name, value in trust.pieces],
        features=_features(alert) if same else [],
        features_note=(
            "Exact Shapley values of the rule, trees and line of the model that scored this alert, against the "
            "candidate that is usual in every feature; log odds, before calibration."
            if same
            else "The model that scored this alert is not the one of this installation: what each number added is not "
            "known here."
        ),
        steps=_steps(chain, base),
        steps_left_out=chain.story.left_out,
        orders=orders[:MOST_ORDERS],
        orders_total=len(orders),
        grids=[
            EvidenceGrid(
                title=grid.title,
                columns=list(grid.columns),
                rows=[list(row) for row in grid.rows],
                note=grid.note or None,
            )
            for grid in chain.story.grids
            if grid.rows
        ],
        doubts=list(doubts(chain)),
        caveats=list(caveats(chain)),
        checks=list(checks(chain)),
        articles=_articles(articles(alert.scheme, alert.variant)),
        duties=_articles(duties(alert.scheme)),
        outline=_outline(chain, base),
        made_from=list(market.files),
    )


def _features(alert: Alert) -> list[EvidenceFeature]:
    model, _ = bundled()
    return [
        EvidenceFeature(name=one.feature, label=one.label, value=one.value, usual=one.usual, log_odds=one.log_odds)
        for one in contributions(alert, model, most=12)
    ]


def _accounts(chain: EvidenceChain) -> list[EvidenceAccount]:
    return [
        EvidenceAccount(
            name=one.name,
            role=chain.story.roles.get(one.name),
            orders=one.orders,
            cancels=one.cancels,
            entered_buy=one.entered_buy,
            entered_sell=one.entered_sell,
            cancelled=one.cancelled,
            bought=one.bought,
            sold=one.sold,
            net=one.net,
            taken=one.taken,
            inside=one.inside,
            gain=one.worth if math.isfinite(one.worth) else 0.0,
        )
        for one in chain.doings
    ]


def _steps(chain: EvidenceChain, base: int) -> list[EvidenceStep]:
    named = set(chain.alert.evidence)
    return [
        EvidenceStep(
            at=step.time - base,
            time=moment(step.time),
            seq=step.seq if step.seq >= 0 else None,
            who=step.who or None,
            what=step.what,
            why=step.why,
            order=str(step.order) if step.order else None,
            named=step.seq in named,
        )
        for step in chain.story.steps
    ]


def _orders(chain: EvidenceChain, base: int) -> list[EvidenceOrder]:
    return [
        EvidenceOrder(
            order=str(line.order),
            account=chain.extract.name(line.account),
            side=SIDES[line.side],
            price=line.price / PRICE_UNIT if line.price else None,
            size=line.size,
            level=line.level,
            entered=line.entered - base,
            ended=line.ended - base,
            entered_time=moment(line.entered),
            seconds=(line.ended - line.entered) / 1e9,
            executed=line.filled,
            cancelled=line.cancelled,
            executions=line.fills,
            entered_before=not line.opening,
        )
        for line in chain.record.own_orders
    ]


def _articles(given: Sequence[Article]) -> list[EvidenceArticle]:
    return [
        EvidenceArticle(place=one.place, citation=one.citation, forbids=one.forbids, facts=one.facts) for one in given
    ]


def _outline(chain: EvidenceChain, base: int) -> EvidenceOutline:
    """Return the mid price at moments evenly apart, and the accounts' executions."""
    outline, span = chain.extract.outline, chain.extract.span
    moments = span.bins(POINTS)
    place = np.searchsorted(outline.time, moments, side="right") - 1
    known = outline.mid
    mid = [None if i < 0 or math.isnan(known[i]) else float(known[i]) for i in place.tolist()]
    trades = chain.record.executions
    return EvidenceOutline(
        at=(moments - base).tolist(),
        mid=mid,
        trade_at=[one.time - base for one in trades],
        trade_price=[one.price / PRICE_UNIT for one in trades],
        trade_size=[one.size for one in trades],
        trade_side=[one.side for one in trades],
        trade_account=[chain.extract.name(one.account) for one in trades],
        news_at=(outline.news - base).tolist(),
    )
