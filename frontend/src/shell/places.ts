import {
  IconAlarm,
  IconChartCandle,
  IconEye,
  IconGauge,
  IconScale,
  type TablerIcon,
} from "@tabler/icons-react";
import type { Me } from "../session/session";
import { ANALYST_TABS } from "../views/analyst/tabs";
import { COMPLIANCE_TABS } from "../views/compliance/tabs";
import { TABS as ONCALL_TABS } from "../views/oncall/tabs";
import type { ViewName } from "../views/routes";
import { TABS as SURVEILLANCE_TABS } from "../views/surveillance/tabs";

export interface Place {
  to: string;
  label: string;
}

interface Look {
  icon: TablerIcon;
  /** The letter that opens the view after `g`. */
  letter: string;
  /** The pages of the view. */
  tabs: readonly Place[];
}

/** How each view looks in the menu, and where its pages are. */
export const LOOKS: Record<ViewName, Look> = {
  executive: { icon: IconGauge, letter: "e", tabs: [] },
  analyst: { icon: IconChartCandle, letter: "a", tabs: ANALYST_TABS },
  oncall: { icon: IconAlarm, letter: "o", tabs: ONCALL_TABS },
  compliance: { icon: IconScale, letter: "c", tabs: COMPLIANCE_TABS },
  surveillance: { icon: IconEye, letter: "s", tabs: SURVEILLANCE_TABS },
};

/** The pages of the settings that a person may open. */
export function settingsOf(me: Me): Place[] {
  const admin = me.roles.includes("admin");
  return [
    { to: "/settings/me", label: "Your account" },
    ...(admin ? [{ to: "/settings/people", label: "People" }] : []),
    ...(admin || me.roles.includes("compliance") ? [{ to: "/settings/ratings", label: "Ratings" }] : []),
  ];
}

/** The page of projects, for who makes them or reads what came of them. */
export function projectsOf(me: Me): Place[] {
  const opens = (["analyst", "executive", "admin"] as const).some((role) => me.roles.includes(role));
  return opens ? [{ to: "/projects", label: "Projects" }] : [];
}
