import { render, screen } from "@testing-library/react";
import { Suspense } from "react";
import { expect, test, vi } from "vitest";
import { fetchPage, pageOf, placeOf } from "./code";

vi.mock("./analyst/regimes/index.tsx", () => ({ default: () => <p>regimes</p> }));
vi.mock("./analyst/index.tsx", () => ({ default: () => <p>analyst</p> }));

test("the page of a view is the one named, else its first", () => {
  expect(placeOf("/analyst/regimes")).toEqual({ view: "analyst", page: "regimes" });
  expect(placeOf("/surveillance")).toEqual({ view: "surveillance", page: "cases" });
  expect(placeOf("/executive")).toEqual({ view: "executive", page: undefined });
});

test("a page whose code came ahead is drawn at once, without what stands for it", async () => {
  const waited = vi.fn(() => <p>waiting</p>);
  const [Regimes, Waiting] = [pageOf("analyst/regimes"), waited];
  await fetchPage("/analyst/regimes");
  render(
    <Suspense fallback={<Waiting />}>
      <Regimes />
    </Suspense>,
  );
  expect(screen.getByText("regimes")).toBeDefined();
  expect(waited).not.toHaveBeenCalled();
});
