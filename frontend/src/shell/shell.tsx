import { AppShell, Box, Burger, Group, Kbd, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { lazy, memo, Suspense, useEffect, useLayoutEffect, useMemo, useState } from "react";
import { Navigate, Route, Routes, useLocation, useNavigationType } from "react-router";
import { api } from "../api/client";
import { useMe } from "../session/session";
import { fetchPage, pageOf } from "../views/code";
import { VIEWS } from "../views/routes";
import { Banner } from "./banner";
import { PageFault } from "./error-boundary";
import { ViewMenu } from "./menu";
import { NotFound } from "./not-found";
import { LOOKS, projectsOf, settingsOf } from "./places";
import { SchemeMenu } from "./scheme";
import classes from "./shell.module.css";
import { type Shortcut, Shortcuts } from "./shortcuts";
import { UserMenu } from "./user-menu";

const CommandPalette = lazy(() => import("./command-palette"));
const Settings = lazy(() => import("../settings"));
const Projects = pageOf("projects");

/** The frame around every view: menu, search, who is there, colours. What only a page keeps in the address is not its. */
export default function Shell() {
  return <Frame pathname={useLocation().pathname} />;
}

const Frame = memo(function Frame({ pathname }: { pathname: string }) {
  const me = useMe();
  const came = useNavigationType();
  // A page that was not there before begins at its top; back and forward go where the person was.
  useLayoutEffect(() => {
    if (came !== "POP") window.scrollTo(0, 0);
  }, [pathname, came]);
  // Once the page is there, the first pages of the other views come, for they are likely next.
  useEffect(() => {
    const soon = setTimeout(() => {
      for (const view of me.views) void fetchPage(`/${view}`);
    }, 3_000);
    return () => clearTimeout(soon);
  }, [me.views]);
  const [open, menu] = useDisclosure(false);
  const [keys, setKeys] = useState(false);
  const views = VIEWS.filter((view) => me.views.includes(view.name));
  const home = `/${views[0]?.name ?? "settings"}`;
  const shortcuts = useMemo(
    (): Shortcut[] => [
      ...VIEWS.filter((view) => me.views.includes(view.name)).map((view) => ({
        letter: LOOKS[view.name].letter,
        to: `/${view.name}`,
        label: `Open ${view.label}`,
      })),
      ...[...projectsOf(me), ...settingsOf(me)].flatMap(({ to, label }) =>
        to in LETTERS ? [{ letter: LETTERS[to] as string, to, label: `Open ${label}` }] : [],
      ),
    ],
    [me],
  );

  async function leave() {
    await api.POST("/api/log-out");
    window.location.assign("/");
  }
  const showKeys = () => setKeys(true);

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 212, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding={{ base: "sm", sm: "md" }}
    >
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px={{ base: "xs", sm: "md" }} justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={open}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Menu"
              aria-expanded={open}
            />
            <Text fw={700} component="span">
              Tradewind
            </Text>
          </Group>
          <Group gap={4} wrap="nowrap">
            <UnstyledButton className={classes.search} onClick={spotlight.open} aria-label="Search (Ctrl K)">
              <IconSearch size={17} aria-hidden />
              <Box visibleFrom="sm" component="span">
                Search
              </Box>
              <Box visibleFrom="sm" component="span">
                <Kbd size="xs">Ctrl K</Kbd>
              </Box>
            </UnstyledButton>
            <SchemeMenu />
            <UserMenu me={me} onLeave={leave} onKeys={showKeys} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Views" className={open ? undefined : classes.away}>
        <ViewMenu me={me} pathname={pathname} onGo={menu.close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Banner />
        <PageFault place={pathname}>
          <Suspense fallback={<Skeleton height={320} aria-busy="true" aria-label="Loading" role="status" />}>
            <Routes>
              {views.map((view) => (
                <Route key={view.name} path={`/${view.name}/*`} element={<view.page />} />
              ))}
              {projectsOf(me).map(({ to }) => (
                <Route key={to} path={`${to}/*`} element={<Projects />} />
              ))}
              <Route path="/settings/*" element={<Settings />} />
              {["/", "/log-in"].map((path) => (
                <Route key={path} path={path} element={<Navigate to={home} replace />} />
              ))}
              <Route path="*" element={<NotFound home={home} closed={closedView(pathname)} />} />
            </Routes>
          </Suspense>
        </PageFault>
      </AppShell.Main>
      <Shortcuts shortcuts={shortcuts} shown={keys} onShow={setKeys} />
      <Suspense fallback={null}>
        <CommandPalette onLeave={leave} onKeys={showKeys} />
      </Suspense>
    </AppShell>
  );
});

const LETTERS: Record<string, string> = {
  "/projects": "j",
  "/settings/people": "p",
  "/settings/ratings": "r",
};

/** The label of the view an address belongs to, which is then not open to who asks. */
function closedView(pathname: string): string | undefined {
  return VIEWS.find((view) => pathname === `/${view.name}` || pathname.startsWith(`/${view.name}/`))?.label;
}
