import { lazy } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";

const Market = lazy(() => import("./market"));
const Why = lazy(() => import("./why"));
const WhatIf = lazy(() => import("./what-if"));
const Compare = lazy(() => import("./compare"));
const Features = lazy(() => import("./features"));
const Regimes = lazy(() => import("./regimes"));
const Backtest = lazy(() => import("./backtest"));

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
      <Route path="*" element={<Navigate to={{ pathname: "/analyst/market", search }} replace />} />
    </Routes>
  );
}
