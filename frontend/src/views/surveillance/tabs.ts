/** The pages of the view that stand beside the cases themselves. */
export const TABS = [
  { to: "/surveillance/cases", label: "Cases" },
  { to: "/surveillance/statistics", label: "Statistics" },
] as const;
