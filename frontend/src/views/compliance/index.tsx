import { lazy } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { pageOf } from "../code";
import { COMPLIANCE_TABS } from "./tabs";

const Models = pageOf("compliance/models");
const Version = lazy(() => import("./models/version"));
const Approvals = pageOf("compliance/approvals");
const Audit = pageOf("compliance/audit");
const Entry = lazy(() => import("./audit/entry"));
const Fairness = pageOf("compliance/fairness");
const Reports = pageOf("compliance/reports");
const Incidents = pageOf("compliance/incidents");
const Incident = lazy(() => import("./incidents/incident"));
const Ratings = pageOf("compliance/ratings");

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
      <Route path="*" element={<Navigate to={{ pathname: COMPLIANCE_TABS[0].to, search }} replace />} />
    </Routes>
  );
}
