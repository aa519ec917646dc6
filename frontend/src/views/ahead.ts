import type { QueryClient } from "@tanstack/react-query";
import { chosenOf, PROJECTS } from "../parts/project-picker";
import { overviewOf, shownOf, symbolBarsOf } from "./analyst/market/data";
import { placeOf } from "./code";
import { inServiceOf, summaryOf } from "./executive/data";

type Ask = (client: QueryClient, project: string, said: URLSearchParams) => Promise<unknown>;

/** What pages over a project ask first, by view and page. */
const ASKS: Record<string, Ask> = {
  executive: (client, project) =>
    Promise.all([client.prefetchQuery(summaryOf(project)), client.prefetchQuery(inServiceOf(project))]),
  "analyst/market": async (client, project, said) => {
    const named = said.get("symbol") ?? "";
    const bars = (symbol: string) => client.prefetchQuery(symbolBarsOf(project, symbol));
    if (named) void bars(named);
    const { symbols } = await client.fetchQuery(overviewOf(project));
    const shown = shownOf(symbols, named);
    if (shown && shown !== named) await bars(shown);
  },
};

/**
 * Ask for what the page at this address shows while its code still comes and the server says who is there: a page asks
 * for one thing after the other, each once it has drawn what it knows. What fails here the page asks for again, and
 * tells of.
 */
export async function askAhead(client: QueryClient, pathname: string, search: string): Promise<void> {
  const { view, page } = placeOf(pathname);
  const ask = ASKS[page ? `${view}/${page}` : `${view}`];
  if (!ask) return;
  const said = new URLSearchParams(search);
  const named = said.get("project");
  try {
    const projects = client.fetchQuery(PROJECTS);
    const name = named || chosenOf(await projects, null)?.name;
    if (name) await Promise.all([ask(client, name, said), projects]);
  } catch {
    // It is asked for again, and told of, by the page that shows it.
  }
}
