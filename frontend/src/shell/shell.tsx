import {
  AppShell,
  Burger,
  Button,
  Group,
  NavLink,
  Skeleton,
  Text,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { Suspense } from "react";
import { Link, Navigate, Route, Routes, useLocation } from "react-router";
import { api } from "../api/client";
import { useMe } from "../session/session";
import { VIEWS } from "../views/routes";

/** The frame around every view: menu, who is there, colours. */
export function Shell() {
  const me = useMe();
  const client = useQueryClient();
  const where = useLocation();
  const [open, menu] = useDisclosure(false);
  const { toggleColorScheme } = useMantineColorScheme();
  const views = VIEWS.filter((view) => me.views.includes(view.name));

  async function leave() {
    await api.POST("/api/log-out");
    client.clear();
    window.location.assign("/");
  }

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={open}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Menu"
              aria-expanded={open}
            />
            <Text fw={700}>Tradewind</Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Button variant="subtle" size="xs" onClick={toggleColorScheme}>
              Light or dark
            </Button>
            <Button variant="subtle" size="xs" onClick={leave}>
              Log out {me.name}
            </Button>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Views">
        {views.map((view) => (
          <NavLink
            key={view.name}
            component={Link}
            to={`/${view.name}`}
            label={view.label}
            active={where.pathname.startsWith(`/${view.name}`)}
            onClick={menu.close}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main>
        <Suspense fallback={<Skeleton height={320} aria-label="Loading" role="status" />}>
          <Routes>
            {views.map((view) => (
              <Route key={view.name} path={`/${view.name}/*`} element={<view.page />} />
            ))}
            <Route path="*" element={<Navigate to={`/${views[0]?.name ?? ""}`} replace />} />
          </Routes>
        </Suspense>
      </AppShell.Main>
    </AppShell>
  );
}
