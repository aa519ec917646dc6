"""Words of markets with their tone.

Our own list, in the spirit of Loughran and McDonald, "When is a liability not a liability?", Journal of Finance 2011:
general lexicons misread finance ("gross", "short", "beat"), so these words go before the general lexicon and the words
of ``NEUTRAL`` are taken out of it.
"""

from __future__ import annotations

_STRONG_GOOD = """
bullish outperform outperforms outperformed outperforming upgrade upgrades upgraded upgrading beat beats soar soars
soared soaring surge surges surged surging rally rallies rallied rallying breakout skyrocket skyrockets skyrocketed
boom booming profitable jackpot
"""
_GOOD = """
gain gains gained gaining rise rises rose rising jump jumps jumped jumping climb climbs climbed climbing rebound
rebounds rebounded rebounding recover recovers recovered recovery advance advances advanced advancing growth grow grows
grew growing profit profits strong stronger strongest strength strengthen strengthens strengthened improve improves
improved improving improvement exceed exceeds exceeded exceeding top tops topped topping raise raises raised raising
boost boosts boosted boosting buy buys buying bought accumulate accumulating overweight dividend dividends buyback
buybacks repurchase undervalued approval approved approves win wins winning winner winners won award awarded awards
innovative innovation success successful leader leading momentum uptrend bounce bounced bounces bouncing calls bull
bulls optimistic optimism confident confidence opportunity opportunities positive solid robust healthy upside expand
expands expanded expanding expansion partnership breakthrough record attractive support higher up green percent_up
"""
_BAD = """
fall falls fell falling drop drops dropped dropping decline declines declined declining slip slips slipped slipping lose
loses losing lost loss losses weak weaker weakest weakness weaken weakens weakened miss misses missed missing cut cuts
cutting lower lowers lowered lowering sell sells selling sold underweight overvalued puts bear bears negative concern
concerns concerned worry worries worried fear fears risk risks risky threat threatens threatened warn warns warned
warning warnings delay delays delayed recall recalls recalled lawsuit lawsuits sue sues sued suing litigation probe
probes investigation investigate investigated fine fined penalty penalties layoff layoffs debt default defaults
deficit downside downtrend pressure pressured struggle struggles struggled struggling slow slows slowed slowing slowdown
slump slumps slumped slumping breakdown resistance fail fails failed failing failure halt halted halts resign resigns
resigned uncertainty volatile pessimistic pessimism adverse impairment writedown writeoff restructuring shortfall bad
down red percent_down disappointing disappointed disappoints
"""
_STRONG_BAD = """
bearish underperform underperforms underperformed underperforming downgrade downgrades downgraded downgrading plunge
plunges plunged plunging crash crashes crashed crashing tumble tumbles tumbled tumbling plummet plummets plummeted
plummeting collapse collapses collapsed collapsing selloff bankrupt bankruptcy fraud fraudulent scandal hack hacked
breach insolvent insolvency delist delisted delisting catastrophe crisis
"""

FINANCE: dict[str, float] = {
    word: tone
    for text, tone in ((_STRONG_GOOD, 0.8), (_GOOD, 0.4), (_BAD, -0.4), (_STRONG_BAD, -0.8))
    for word in text.split()
}
"""Word -> tone in [-1, 1]."""

PHRASES: dict[tuple[str, str], float] = {
    ("sell", "off"): -0.8,
    ("record", "high"): 0.8,
    ("record", "low"): -0.8,
    ("time", "high"): 0.8,
    ("time", "low"): -0.8,
    ("new", "high"): 0.6,
    ("new", "highs"): 0.6,
    ("new", "low"): -0.6,
    ("new", "lows"): -0.6,
    ("go", "long"): 0.5,
    ("going", "long"): 0.5,
    ("go", "short"): -0.5,
    ("going", "short"): -0.5,
    ("cuts", "costs"): 0.3,
    ("cost", "cuts"): 0.2,
    ("losses", "narrow"): 0.4,
    ("loss", "narrows"): 0.4,
    ("profit", "warning"): -0.8,
    ("write", "down"): -0.6,
    ("short", "squeeze"): 0.5,
    ("short", "interest"): -0.2,
    ("price", "cut"): -0.4,
    ("job", "cuts"): -0.4,
    ("dividend", "cut"): -0.8,
    ("follow", "up"): 0.0,
    ("sign", "up"): 0.0,
    ("set", "up"): 0.0,
    ("look", "up"): 0.0,
    ("check", "out"): 0.0,
}
"""Two words -> tone, instead of the two words' own tones."""

_NEUTRAL = """
gross short long high low average mean new first second last real main early late small big large live full
free same other more most much many next past present general common different certain able sure own whole
total key major minor right left ready fresh clear hot cold active social mobile global human natural
worth due close open final original just
"""
_NEGATIONS = """
not no never none neither nor without cannot cant wont dont doesnt didnt isnt wasnt arent hardly barely
"""
NEUTRAL: frozenset[str] = frozenset(_NEUTRAL.split())
"""Words with a tone in the general lexicon that tell nothing here."""

NEGATIONS: frozenset[str] = frozenset(_NEGATIONS.split())
"""Words that turn the tone of the next words; so does any word that ends in n't."""
