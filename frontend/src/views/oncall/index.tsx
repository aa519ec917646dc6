import { lazy } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";

const Health = lazy(() => import("./health"));
const Alerts = lazy(() => import("./alerts"));
const Drift = lazy(() => import("./drift"));
const Diagnosis = lazy(() => import("./diagnosis"));
const Rollout = lazy(() => import("./rollout"));
const Jobs = lazy(() => import("./jobs"));

/** The pages of the on-call view; each has its own address and its own code, loaded when it is opened. */
export default function View() {
  const { search } = useLocation();
  return (
    <Routes>
      <Route path="health" element={<Health />} />
      <Route path="alerts" element={<Alerts />} />
      <Route path="drift" element={<Drift />} />
      <Route path="diagnosis" element={<Diagnosis />} />
      <Route path="rollout" element={<Rollout />} />
      <Route path="jobs" element={<Jobs />} />
      <Route path="*" element={<Navigate to={{ pathname: "/oncall/health", search }} replace />} />
    </Routes>
  );
}
