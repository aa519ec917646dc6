import { lazy } from "react";
import { Route, Routes } from "react-router";
import { ProjectList } from "./project-list";

const NewProject = lazy(() => import("./new-project"));
const OneProject = lazy(() => import("./one-project"));

/** Projects: the list, a new one, and one with its job. */
export default function View() {
  return (
    <Routes>
      <Route index element={<ProjectList />} />
      <Route path="new" element={<NewProject />} />
      <Route path=":name" element={<OneProject />} />
    </Routes>
  );
}
