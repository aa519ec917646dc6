import { Badge, type MantineColor } from "@mantine/core";
import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconCircleCheck,
  IconExclamationCircle,
  IconInfoCircle,
} from "@tabler/icons-react";
import type { Shapes } from "../../api/client";

export type Severity = Shapes["OncallAlert"]["severity"];
export type Standing = Shapes["OncallIncident"]["standing"];

const SEVERITY: Record<Severity, { color: MantineColor; icon: typeof IconInfoCircle }> = {
  critical: { color: "red", icon: IconAlertOctagon },
  error: { color: "orange", icon: IconExclamationCircle },
  warning: { color: "yellow", icon: IconAlertTriangle },
  info: { color: "gray", icon: IconInfoCircle },
};

/** How grave it is: a sign, a word and a colour. */
export function SeverityBadge({ severity }: { severity: Severity }) {
  const { color, icon: Icon } = SEVERITY[severity];
  return (
    <Mark color={color} icon={<Icon size={13} aria-hidden />}>
      {severity}
    </Mark>
  );
}

const STANDING: Record<Standing, MantineColor> = {
  open: "red",
  escalated: "red",
  acknowledged: "blue",
  silenced: "gray",
  "held back": "gray",
  resolved: "teal",
};

/** Where an incident stands. */
export function StandingBadge({ standing }: { standing: Standing }) {
  return (
    <Mark
      color={STANDING[standing]}
      icon={standing === "resolved" ? <IconCircleCheck size={13} aria-hidden /> : undefined}
    >
      {standing}
    </Mark>
  );
}

/** A word on a ground of its colour; the word itself is in the colour of text, so that it can be read everywhere. */
export function Mark({
  color,
  icon,
  children,
}: {
  color: MantineColor;
  icon?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <Badge
      variant="light"
      color={color}
      leftSection={icon}
      tt="none"
      fw={600}
      radius="sm"
      c="var(--mantine-color-text)"
      miw="max-content"
      styles={{ label: { overflow: "visible" } }}
    >
      {children}
    </Badge>
  );
}
