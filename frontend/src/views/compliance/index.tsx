import { lazy } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";

const Models = lazy(() => import("./models"));
const Version = lazy(() => import("./models/version"));
const Approvals = lazy(() => import("./approvals"));
const Audit = lazy(() => import("./audit"));
const Entry = lazy(() => import("./audit/entry"));
const Fairness = lazy(() => import("./fairness"));
const Reports = lazy(() => import("./reports"));
const Incidents = lazy(() => import("./incidents"));
const Incident = lazy(() => import("./incidents/incident"));
const Ratings = lazy(() => import("./ratings"));

/** The pages of the compliance view; each has its own address and its own code, loaded when it is opened. */
export default function View() {
  const { search } = useLocation();
  return (
    <Routes>
      <Route path="models" element={<Models />} />
      <Route path="models/:name/:version" element={<Version />} />
      <Route path="approvals" element={<Approvals />} />
      <Route path="audit" element={<Audit />} />
      <Route path="audit/:seq" element={<Entry />} />
      <Route path="fairness" element={<Fairness />} />
      <Route path="reports" element={<Reports />} />
      <Route path="incidents" element={<Incidents />} />
      <Route path="incidents/:reference" element={<Incident />} />
      <Route path="ratings" element={<Ratings />} />
      <Route path="*" element={<Navigate to={{ pathname: "/compliance/models", search }} replace />} />
    </Routes>
  );
}
