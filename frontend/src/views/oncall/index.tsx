import { Navigate, Route, Routes, useLocation } from "react-router";
import { pageOf } from "../code";
import { TABS } from "./tabs";

const Health = pageOf("oncall/health");
const Alerts = pageOf("oncall/alerts");
const Drift = pageOf("oncall/drift");
const Diagnosis = pageOf("oncall/diagnosis");
const Rollout = pageOf("oncall/rollout");
const Jobs = pageOf("oncall/jobs");

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
      <Route path="*" element={<Navigate to={{ pathname: TABS[0].to, search }} replace />} />
    </Routes>
  );
}
