/** The tabs of the analyst view, for `<SubNav items={ANALYST_TABS} />`. */
export const ANALYST_TABS = [
  { to: "/analyst/market", label: "Market" },
  { to: "/analyst/why", label: "Why" },
  { to: "/analyst/what-if", label: "What if" },
  { to: "/analyst/compare", label: "Compare" },
  { to: "/analyst/features", label: "Features" },
  { to: "/analyst/regimes", label: "Regimes" },
  { to: "/analyst/backtest", label: "Backtest" },
] as const;
