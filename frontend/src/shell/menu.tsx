import { Anchor, NavLink, Stack, Text } from "@mantine/core";
import { IconFolders, IconSettings } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Me } from "../session/session";
import { VIEWS } from "../views/routes";
import { LOOKS, projectsOf } from "./places";

/** The views that are open to the person, and the settings. */
export function ViewMenu({ me, pathname, onGo }: { me: Me; pathname: string; onGo: () => void }) {
  const within = (place: string) => pathname === place || pathname.startsWith(`${place}/`);
  return (
    <Stack h="100%" gap={2}>
      {VIEWS.filter((view) => me.views.includes(view.name)).map((view) => {
        const { icon: Icon } = LOOKS[view.name];
        const open = within(`/${view.name}`);
        return (
          <NavLink
            key={view.name}
            component={Link}
            to={`/${view.name}`}
            label={view.label}
            leftSection={<Icon size={19} stroke={1.7} aria-hidden />}
            active={open}
            aria-current={open ? "page" : undefined}
            fw={open ? 650 : undefined}
            onClick={onGo}
          />
        );
      })}
      {projectsOf(me).map(({ to, label }) => (
        <NavLink
          key={to}
          component={Link}
          to={to}
          label={label}
          leftSection={<IconFolders size={19} stroke={1.7} aria-hidden />}
          active={within(to)}
          aria-current={within(to) ? "page" : undefined}
          fw={within(to) ? 650 : undefined}
          onClick={onGo}
        />
      ))}
      <NavLink
        mt="auto"
        component={Link}
        to="/settings"
        label="Settings"
        leftSection={<IconSettings size={19} stroke={1.7} aria-hidden />}
        active={within("/settings")}
        aria-current={within("/settings") ? "page" : undefined}
        onClick={onGo}
      />
      <Text size="xs" c="dimmed" px="sm" pb={4}>
        Tradewind {me.version}. Charts by{" "}
        <Anchor href="https://www.tradingview.com/" size="xs" underline="always">
          TradingView
        </Anchor>{" "}
        Lightweight Charts™.
      </Text>
    </Stack>
  );
}
