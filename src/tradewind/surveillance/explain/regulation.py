"""Which rules a scheme may breach: European and US law, and what of the alert speaks to each.

The European texts are Regulation (EU) No 596/2014 (MAR) with its Annex I and the practices that Annex II of Delegated
Regulation (EU) 2016/522 lists in Section 1 (points 1 to 7 there specify indicators A(a) to A(g) of MAR's Annex I).
Practices are cited by the name the Annex gives them. A case file names what to check; it is no legal opinion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tradewind.surveillance.schemes import Scheme


@dataclass(frozen=True, kw_only=True)
class Article:
    """One rule.

    Attributes
    ----------
    place : ``EU`` or ``US``.
    citation : where it stands.
    forbids : what it forbids or demands, in one sentence.
    facts : which facts of the alert speak to it.
    """

    place: str
    citation: str
    forbids: str
    facts: str


def _eu(citation: str, forbids: str, facts: str) -> Article:
    return Article(place="EU", citation=citation, forbids=forbids, facts=facts)


def _us(citation: str, forbids: str, facts: str) -> Article:
    return Article(place="US", citation=citation, forbids=forbids, facts=facts)


_SIGNALS = (
    "Orders or trades that give, or are likely to give, false or misleading signals about supply, demand or price"
)
_SECURE = "Orders or trades that secure, or are likely to secure, the price at an abnormal or artificial level"
_DEVICE = "Orders or trades that affect or are likely to affect the price by a fictitious device or other deception"
_ACT = "Acts, practices or schemes that defraud or deceive in connection with the purchase or sale of a security"
_PRINCIPLES = "Falls short of high standards of commercial honour and of just and equitable principles of trade"
_PUBLISH = "Reporting or circulating a transaction or quotation without reason to believe that it is bona fide"
_ACTIVE = "Trades that create actual or apparent active trading, or move the price, to induce others to trade"
_SPOOF = "Bidding or offering in futures and swaps with the intent to cancel the bid or offer before execution"
_DISRUPTIVE = (
    "Frequently entering several orders on one side to change supply and demand, trading the other side and cancelling"
)
_REMOVED = "Orders that change the best bid or offer, or the book as others see it, and are removed before execution"

_PRETENCE: tuple[Article, ...] = (
    _eu("MAR Art. 12(1)(a)(i)", f"{_SIGNALS}.", "size, level and imbalance of the orders that were taken back"),
    _eu(
        "MAR Art. 12(2)(c)(ii), (iii)",
        "Orders, their cancellation or modification, that make genuine orders harder to identify or create a false "
        "signal about supply, demand or price.",
        "cancelled share, time in the book, cancellation after the other side had traded",
    ),
    _eu("MAR Annex I A(f)", f"{_REMOVED}.", "level at entry, executed and cancelled share"),
    _eu(
        "2016/522 Annex II Section 1, practice 'layering' and 'spoofing'",
        "Several or large orders on one side, often away from the touch, to trade on the other side, then removed.",
        "the cycle of entry, opposite execution and cancellation in the chain of evidence",
    ),
    _us("Exchange Act s. 9(a)(2)", f"{_ACTIVE}.", "move of the best prices while the orders stood"),
    _us("Exchange Act s. 10(b), Rule 10b-5", f"{_ACT}.", "no intention to trade, inferred from repeated cancellation"),
    _us("CEA s. 4c(a)(5)(C) (Dodd-Frank s. 747)", f"{_SPOOF}; futures and swaps only.", "cancelled share and delay"),
    _us("FINRA Rule 5210.03", f"{_DISRUPTIVE}.", "number of cycles, both sides of each"),
    _us("FINRA Rules 2010, 2020", f"{_PRINCIPLES}, or uses a manipulative device.", "pattern as a whole"),
)

ARTICLES: Mapping[Scheme, tuple[Article, ...]] = {
    Scheme.SPOOFING: _PRETENCE,
    Scheme.LAYERING: _PRETENCE,
    Scheme.QUOTE_STUFFING: (
        _eu(
            "MAR Art. 12(2)(c)(i), (ii)",
            "Orders, by algorithmic or high-frequency means, that disrupt or delay the venue's trading system or make "
            "it harder to identify genuine orders, for example by overloading the book.",
            "messages a second against the symbol's usual, share of the symbol's messages",
        ),
        _eu("MAR Art. 12(1)(a)(i)", f"{_SIGNALS}.", "cancelled share and lifetime of the orders"),
        _eu("MAR Annex I A(f)", f"{_REMOVED}.", "orders entered and cancelled, executed share"),
        _eu(
            "2016/522 Annex II Section 1, practice 'quote stuffing'",
            "Large numbers of orders, cancellations or updates to create uncertainty for others, slow their process "
            "or camouflage one's own strategy.",
            "burst rate and round trips of entry and cancellation",
        ),
        _us("Exchange Act s. 10(b), Rule 10b-5", f"{_ACT}.", "bursts without trades"),
        _us(
            "FINRA Rule 5210.03",
            "Disruptive quoting and trading activity, where repeated with manipulative intent.",
            "number of bursts",
        ),
        _us("FINRA Rules 2010, 2020", f"{_PRINCIPLES}, or uses a manipulative device.", "pattern as a whole"),
    ),
    Scheme.WASH_TRADING: (
        _eu("MAR Art. 12(1)(a)(i)", f"{_SIGNALS}.", "volume traded among the named accounts"),
        _eu(
            "MAR Annex I A(c)",
            "Transactions that lead to no change in the beneficial ownership of the instrument.",
            "net change of each account against what it traded inside; owners must be checked outside the events",
        ),
        _eu(
            "2016/522 Annex II Section 1 point 3: 'wash trades', 'painting the tape', 'improper matched orders'",
            "Arrangements to trade without change of beneficial interest or market risk, shown publicly, or orders of "
            "the same time, price and size by colluding parties.",
            "matched trades, table of pairs, time between both orders",
        ),
        _us(
            "Exchange Act s. 9(a)(1)",
            "Trades without change in beneficial ownership, or matched orders of substantially the same size, time and "
            "price, made to create a false appearance of active trading.",
            "matched trades and pairs",
        ),
        _us("CEA s. 4c(a)(1), (2)(A)", "Wash sales and fictitious sales; futures and swaps only.", "matched trades"),
        _us("FINRA Rule 5210 and .02", f"{_PUBLISH}; firms must review for self-trades.", "self-trades"),
        _us("FINRA Rules 2010, 2020", f"{_PRINCIPLES}, or uses a manipulative device.", "pattern as a whole"),
    ),
    Scheme.PUMP_AND_DUMP: (
        _eu("MAR Art. 12(1)(a)(ii)", f"{_SECURE}.", "path of the price beside the accounts' purchases"),
        _eu(
            "MAR Art. 12(1)(c)",
            "Spreading information that gives false or misleading signals, by one who knew or ought to have known it.",
            "news within the span; its author and truth must be checked outside the events",
        ),
        _eu(
            "MAR Art. 12(2)(d)",
            "Voicing an opinion in the media after taking a position and profiting from its effect undisclosed.",
            "position before the news, sales after it",
        ),
        _eu(
            "MAR Annex I A(b), A(d), B(a)",
            "Significant price changes by those with a position, reversals within short periods, and misleading "
            "information before or after the trades.",
            "position path, share of volume, news times",
        ),
        _eu(
            "2016/522 Annex II Section 1, practices 'pump and dump' and 'trash and cash'",
            "Taking a position, moving the price by further trading or misleading information, then closing it.",
            "phases of build-up, lift and sale",
        ),
        _us("Exchange Act s. 9(a)(2)", f"{_ACTIVE}.", "own share of volume during the lift"),
        _us("Exchange Act s. 10(b), Rule 10b-5", f"{_ACT}.", "sales into the raised price, profit"),
        _us("FINRA Rules 2010, 2020", f"{_PRINCIPLES}, or uses a manipulative device.", "pattern as a whole"),
    ),
    Scheme.MARKING_THE_CLOSE: (
        _eu(
            "MAR Art. 12(2)(b)",
            "Buying or selling at the opening or closing of the market that misleads those who act on the prices shown "
            "then, the opening or closing prices included.",
            "trades in the last minutes and the last price",
        ),
        _eu("MAR Art. 12(1)(a)(ii)", f"{_SECURE}.", "move of the price while the accounts traded"),
        _eu(
            "MAR Annex I A(g)",
            "Trades or orders at or around the time when reference or settlement prices are calculated that change "
            "them.",
            "time to the close, share of the volume",
        ),
        _eu(
            "2016/522 Annex II Section 1, practice 'marking the close'",
            "Trading at the reference time of the session to increase, decrease or hold the reference price.",
            "one-sided trades near the close",
        ),
        _us("Exchange Act s. 9(a)(2)", f"{_ACTIVE}.", "price move and own share of volume"),
        _us("Exchange Act s. 10(b), Rule 10b-5", f"{_ACT}.", "trades without another reason, to be checked"),
        _us(
            "CEA s. 4c(a)(5)(B)",
            "Intentional or reckless disregard for orderly execution during the closing period; futures and swaps "
            "only.",
            "aggressive share near the close",
        ),
        _us(
            "FINRA Rule 6140",
            "Trades at successively higher or lower prices to create a false appearance of activity or unduly "
            "influence the market price.",
            "sequence of prices of the accounts' trades",
        ),
        _us("FINRA Rules 2010, 2020", f"{_PRINCIPLES}, or uses a manipulative device.", "pattern as a whole"),
    ),
    Scheme.MOMENTUM_IGNITION: (
        _eu(
            "MAR Art. 12(2)(c)(iii)",
            "Orders that create a false or misleading signal, in particular to initiate or exacerbate a trend.",
            "burst of aggressive orders and the move that followed",
        ),
        _eu("MAR Art. 12(1)(a)", f"{_SIGNALS}, or secure an abnormal price.", "move during the burst"),
        _eu(
            "MAR Annex I A(d), A(e)",
            "Position reversals in a short period, and trades concentrated in a short time whose price change is "
            "reversed.",
            "position path, time from burst to exit, fall back of the price",
        ),
        _eu(
            "2016/522 Annex II Section 1, practice 'momentum ignition'",
            "Orders or trades likely to start or exacerbate a trend and to encourage others to extend it, so as to "
            "close or open a position at a favourable price.",
            "entry before the move, exit into it",
        ),
        _us("Exchange Act s. 9(a)(2)", f"{_ACTIVE}.", "trades of others that followed the burst"),
        _us("Exchange Act s. 10(b), Rule 10b-5", f"{_ACT}.", "profit of the reversed position"),
        _us("FINRA Rules 2010, 2020, 6140", f"{_PRINCIPLES}; manipulative device; other trading practices.", "pattern"),
    ),
    Scheme.FRONT_RUNNING: (
        _eu(
            "MAR Art. 7(1)(d)",
            "A client's pending orders are inside information for those charged with executing them.",
            "position built before the large order; access to it must be checked",
        ),
        _eu("MAR Art. 8(1), 14(a)", "Trading, or cancelling orders, on inside information.", "times before and after"),
        _us(
            "FINRA Rule 5270",
            "Trading ahead of an imminent block transaction on material, non-public information about it.",
            "own trades before the block, closed after it",
        ),
        _us("FINRA Rule 5320", "Trading ahead of a customer's order on the same side at a price that would satisfy it.",
            "prices of own trades against those of the client"),
        _us("Exchange Act s. 10(b), Rule 10b-5", f"{_ACT}; misappropriation of information included.", "profit"),
        _us("FINRA Rules 2010, 2020", f"{_PRINCIPLES}, or uses a manipulative device.", "pattern as a whole"),
    ),
    Scheme.COORDINATED_ACCOUNTS: (
        _eu("MAR Art. 12(1)(a)(i)", f"{_SIGNALS}.", "moments at which the accounts acted together"),
        _eu("MAR Art. 12(1)(b)", f"{_DEVICE}.", "one will shown as many; links of ownership must be checked"),
        _eu(
            "MAR Art. 12(2)(a)",
            "Acting in collaboration to secure a dominant position over supply or demand, with the effect of fixing "
            "prices or other unfair conditions.",
            "share of the symbol's volume by the group",
        ),
        _eu(
            "2016/522 Annex II Section 1 point 3: 'concealing ownership'",
            "Transactions designed to conceal who owns an instrument, by holding it in the name of colluding parties.",
            "accounts, leader and followers",
        ),
        _us("Exchange Act s. 9(a)(2)", f"{_ACTIVE}; done alone or with others.", "same side at the same moments"),
        _us("Exchange Act s. 10(b), Rule 10b-5", f"{_ACT}.", "pattern as a whole"),
        _us("FINRA Rules 2010, 2020", f"{_PRINCIPLES}, or uses a manipulative device.", "pattern as a whole"),
    ),
}  # fmt: skip
"""Rules by scheme, the most direct first."""

_INSIDER: tuple[Article, ...] = (
    _eu(
        "MAR Art. 7(1)(a)",
        "Inside information: precise, not public, about an issuer or instrument, likely to move its price.",
        "news within the span and the move after it; who knew it must be checked",
    ),
    _eu(
        "MAR Art. 8(1), 14(a)",
        "Trading on inside information, or trying to.",
        "position built before the news and closed after it",
    ),
    _us("Exchange Act s. 10(b), Rules 10b-5, 10b5-1", f"{_ACT}; trading while aware of it.", "trades before the news"),
    _us("FINRA Rules 2010, 2020", f"{_PRINCIPLES}, or uses a manipulative device.", "pattern as a whole"),
)

DUTIES: tuple[Article, ...] = (
    _eu(
        "MAR Art. 16(1), (2); Delegated Regulation (EU) 2016/957",
        "A suspicious order or transaction (attempts included) is reported to the authority without delay once there "
        "is reasonable suspicion (STOR); the person concerned is not told.",
        "the decision and its time, in the trail of decisions",
    ),
    _eu("MAR Art. 15", "Nobody shall engage in market manipulation or attempt to.", "the rules listed above"),
)
"""What whoever finds it must do."""


def articles(scheme: Scheme, variant: str = "") -> tuple[Article, ...]:
    """Return the rules a scheme may breach, the most direct first; ``insider_trading`` narrows front running."""
    if scheme is Scheme.FRONT_RUNNING and variant == "insider_trading":
        return _INSIDER
    return ARTICLES[scheme]


def duties(scheme: Scheme) -> tuple[Article, ...]:
    """Return what must be done about it; insider dealing is forbidden by Article 14, not 15."""
    return DUTIES[:1] if scheme is Scheme.FRONT_RUNNING else DUTIES
