import { lazy } from "react";
import { Navigate, Route, Routes } from "react-router";
import { useMe } from "../session/session";
import { NotFound } from "../shell/not-found";
import { settingsOf } from "../shell/places";

const Account = lazy(() => import("./account"));
const People = lazy(() => import("./people"));
const Ratings = lazy(() => import("./ratings"));

/** The settings: one's own account; people and ratings for those they concern. */
export default function Settings() {
  const open = settingsOf(useMe()).map((place) => place.to);
  return (
    <Routes>
      <Route index element={<Navigate to="/settings/me" replace />} />
      <Route path="me" element={<Account />} />
      {open.includes("/settings/people") && <Route path="people" element={<People />} />}
      {open.includes("/settings/ratings") && <Route path="ratings" element={<Ratings />} />}
      <Route path="*" element={<NotFound home="/settings/me" />} />
    </Routes>
  );
}
