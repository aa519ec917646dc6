import type { ReactNode } from "react";
import { SubNav } from "../parts/sub-nav";
import { ViewPage, type ViewPageProps } from "../parts/view-page";
import { useMe } from "../session/session";
import { settingsOf } from "../shell/places";

/** A page of the settings. */
export function SettingsPage({ children, ...page }: ViewPageProps & { children: ReactNode }) {
  return (
    <ViewPage {...page}>
      <SubNav items={settingsOf(useMe())} label="Settings" keep={[]} />
      {children}
    </ViewPage>
  );
}
