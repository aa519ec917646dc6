import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { SessionGate, useMe } from "./session";

const asked = vi.hoisted(() => vi.fn());
vi.mock("../api/client", async (original) => ({
  ...(await original<typeof import("../api/client")>()),
  api: { GET: asked },
}));

function Name() {
  return <p>{useMe().name} is here</p>;
}

function show(until?: Promise<unknown>) {
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <SessionGate until={until}>
          <Name />
        </SessionGate>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

beforeEach(() => asked.mockReset());

test("what is guarded is shown once its code is there", async () => {
  asked.mockResolvedValue({ data: { name: "ann" } });
  let come = () => {};
  show(new Promise<void>((done) => (come = done)));
  await act(() => new Promise((done) => setTimeout(done, 50)));
  expect(screen.queryByText("ann is here")).toBeNull();
  come();
  expect(await screen.findByText("ann is here")).toBeDefined();
});
