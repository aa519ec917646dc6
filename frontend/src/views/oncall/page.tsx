import type { ReactNode } from "react";
import { SubNav } from "../../parts/sub-nav";
import { type Export, ViewPage } from "../../parts/view-page";
import { RunbookDrawer } from "./runbook-drawer";
import { TABS } from "./tabs";

/** A page of the on-call view, with its neighbours and the run-book beside it. */
export function OncallPage(props: {
  title: string;
  lead?: ReactNode;
  exports?: readonly Export[];
  children: ReactNode;
}) {
  return (
    <ViewPage title={props.title} lead={props.lead} exports={props.exports}>
      <SubNav items={TABS} />
      {props.children}
      <RunbookDrawer />
    </ViewPage>
  );
}
