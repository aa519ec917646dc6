import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, test, vi } from "vitest";
import { askAhead } from "./ahead";

const asked = vi.hoisted(() => vi.fn());
vi.mock("../api/client", () => ({
  api: { GET: asked },
  body: async (answer: Promise<{ data: unknown }>) => (await answer).data,
}));

const ANSWERS: Record<string, unknown> = {
  "/api/projects": [
    { name: "raw", evaluated: false },
    { name: "done", evaluated: true },
  ],
  "/api/analyst/market/{project}": { symbols: [{ symbol: "AAA" }, { symbol: "BBB" }] },
};

beforeEach(() => {
  asked.mockReset();
  asked.mockImplementation(async (path: string) => ({ data: ANSWERS[path] ?? {} }));
});

function said(): string[] {
  return asked.mock.calls.map(([path, init]) => {
    const { project, symbol } = init?.params?.path ?? {};
    return [path.split("/").pop(), project, symbol].filter(Boolean).join(" ");
  });
}

test("a page that names its project and symbol is asked for all at once", () => {
  void askAhead(new QueryClient(), "/analyst/market", "?project=raw&symbol=BBB");
  expect(said()).toEqual(["projects", "{symbol} raw BBB", "{project} raw"]);
});

test("what an address leaves open is chosen as the page chooses it", async () => {
  await askAhead(new QueryClient(), "/analyst", "");
  expect(said()).toEqual(["projects", "{project} done", "{symbol} done AAA"]);
});

test("a symbol that is not there is passed over for the first", async () => {
  await askAhead(new QueryClient(), "/analyst/market", "?project=done&symbol=ZZZ");
  expect(said()).toContain("{symbol} done AAA");
});

test("a refusal is nobody's fault here, and nothing is asked for other pages", async () => {
  asked.mockRejectedValue(new Error("nobody is logged in"));
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await expect(askAhead(client, "/executive", "")).resolves.toBeUndefined();
  asked.mockClear();
  await askAhead(client, "/settings/me", "");
  expect(asked).not.toHaveBeenCalled();
});
