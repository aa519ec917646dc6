/** The pages of the on-call view, in the order in which they are looked at. */
export const TABS = [
  { to: "/oncall/health", label: "Health" },
  { to: "/oncall/alerts", label: "Alerts" },
  { to: "/oncall/diagnosis", label: "Diagnosis" },
  { to: "/oncall/drift", label: "Drift" },
  { to: "/oncall/rollout", label: "Roll-out" },
  { to: "/oncall/jobs", label: "Jobs" },
] as const;
