import { Navigate, Route, Routes, useLocation } from "react-router";
import { pageOf } from "../code";
import { ANALYST_TABS } from "./tabs";

const Market = pageOf("analyst/market");
const Why = pageOf("analyst/why");
const WhatIf = pageOf("analyst/what-if");
const Compare = pageOf("analyst/compare");
const Features = pageOf("analyst/features");
const Regimes = pageOf("analyst/regimes");
const Backtest = pageOf("analyst/backtest");

/** The pages of the analyst view; each has its own address and its own code, loaded when it is opened. */
export default function View() {
  const { search } = useLocation();
  return (
    <Routes>
      <Route path="market" element={<Market />} />
      <Route path="why" element={<Why />} />
      <Route path="what-if" element={<WhatIf />} />
      <Route path="compare" element={<Compare />} />
      <Route path="features" element={<Features />} />
      <Route path="regimes" element={<Regimes />} />
      <Route path="backtest" element={<Backtest />} />
      <Route path="*" element={<Navigate to={{ pathname: ANALYST_TABS[0].to, search }} replace />} />
    </Routes>
  );
}
