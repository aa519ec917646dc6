/** The tabs of the compliance view, for `<SubNav items={COMPLIANCE_TABS} />`. */
export const COMPLIANCE_TABS = [
  { to: "/compliance/models", label: "Inventory" },
  { to: "/compliance/approvals", label: "Approvals" },
  { to: "/compliance/audit", label: "Audit log" },
  { to: "/compliance/fairness", label: "Fairness" },
  { to: "/compliance/reports", label: "Reports" },
  { to: "/compliance/incidents", label: "Incidents" },
  { to: "/compliance/ratings", label: "Ratings" },
] as const;
