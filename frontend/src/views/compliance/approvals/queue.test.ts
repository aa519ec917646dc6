import { expect, test } from "vitest";
import type { Shapes } from "../../../api/client";
import { chosen } from "./queue";

const act = (name: string, onward: boolean, mine: boolean) => ({ act: name, onward, mine });
const version = (reference: string, since: string, acts: object[]) =>
  ({ reference, name: reference.split("/")[0], since, acts }) as unknown as Shapes["WaitingVersion"];

const VERSIONS = [
  version("a/2", "2026-02-01", [act("validate", true, true), act("retire", false, true)]),
  version("a/1", "2026-01-01", [act("promote", true, false)]),
  version("b/1", "2026-03-01", [act("demote", false, true)]),
];
const shown = (which: "mine" | "waiting" | "all", model = "") =>
  chosen(VERSIONS, which, model).map((one) => one.reference);

test("the longest wait comes first", () => {
  expect(shown("waiting")).toEqual(["a/1", "a/2"]);
  expect(shown("all")).toEqual(["a/1", "a/2", "b/1"]);
});

test("mine are those whose next step I may take", () => {
  expect(shown("mine")).toEqual(["a/2"]);
});

test("one model, or one version of it", () => {
  expect(shown("all", "a")).toEqual(["a/1", "a/2"]);
  expect(shown("all", "b/1")).toEqual(["b/1"]);
});
