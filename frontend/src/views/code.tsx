import { type ComponentType, lazy, useState } from "react";
import { ANALYST_TABS } from "./analyst/tabs";
import { COMPLIANCE_TABS } from "./compliance/tabs";
import { TABS as ONCALL_TABS } from "./oncall/tabs";
import { TABS as SURVEILLANCE_TABS } from "./surveillance/tabs";

type Code = { default: ComponentType };

const CODE = import.meta.glob<Code>(["./*/index.tsx", "./*/*/index.tsx"]);
const here = new Map<string, ComponentType>();

/** The page that a view opens with: the first of its tabs. */
const FIRST = new Map(
  [ANALYST_TABS, ONCALL_TABS, COMPLIANCE_TABS, SURVEILLANCE_TABS].map((tabs) => {
    const [view, page] = partsOf(tabs[0]?.to ?? "");
    return [view, page] as const;
  }),
);

/** The view of an address and the page within it, where it has several. */
export function placeOf(path: string): { view?: string; page?: string } {
  const [view, page = FIRST.get(view)] = partsOf(path);
  return { view, page };
}

/**
 * The page of this name (`analyst`, `analyst/market`), its code loaded when it is shown. Where the code came before, it is
 * shown at once: `lazy` alone shows nothing first, and React then leaves that for 300 ms.
 */
export function pageOf(name: string): ComponentType {
  const Lazy = lazy(() => fetchCode(name));
  return function Page() {
    const [Shown] = useState(() => here.get(name) ?? Lazy);
    return <Shown />;
  };
}

/** Fetch the code of a page before it is shown: of its view, and of the page within the view. */
export async function fetchPage(path: string): Promise<void> {
  const { view, page } = placeOf(path);
  const names = [view, `${view}/${page}`].filter((name) => fileOf(name) in CODE);
  // What cannot be fetched now is fetched when it is shown, and told of then.
  await Promise.allSettled(names.map((name) => fetchCode(name as string)));
}

async function fetchCode(name: string): Promise<Code> {
  const load = CODE[fileOf(name)];
  if (!load) throw new Error(`there is no page ${name}`);
  const code = await load();
  here.set(name, code.default);
  return code;
}

function fileOf(name: string | undefined): string {
  return `./${name}/index.tsx`;
}

function partsOf(path: string): string[] {
  return path.split("/").filter(Boolean);
}
