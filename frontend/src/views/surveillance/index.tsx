import { Navigate, Route, Routes, useLocation } from "react-router";
import { pageOf } from "../code";
import { TABS } from "./tabs";

const Queue = pageOf("surveillance/cases");
const CasePage = pageOf("surveillance/case");
const Statistics = pageOf("surveillance/statistics");

/** The pages of the surveillance view: the queue, one case with its replay, and figures of the desk. */
export default function View() {
  const { search } = useLocation();
  return (
    <Routes>
      <Route path="cases" element={<Queue />} />
      <Route path="cases/:id" element={<CasePage />} />
      <Route path="statistics" element={<Statistics />} />
      <Route path="*" element={<Navigate to={{ pathname: TABS[0].to, search }} replace />} />
    </Routes>
  );
}
