import { lazy } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";

const Queue = lazy(() => import("./queue"));
const CasePage = lazy(() => import("./case"));
const Statistics = lazy(() => import("./statistics"));

/** The pages of the surveillance view: the queue, one case with its replay, and figures of the desk. */
export default function View() {
  const { search } = useLocation();
  return (
    <Routes>
      <Route path="cases" element={<Queue />} />
      <Route path="cases/:id" element={<CasePage />} />
      <Route path="statistics" element={<Statistics />} />
      <Route path="*" element={<Navigate to={{ pathname: "/surveillance/cases", search }} replace />} />
    </Routes>
  );
}
