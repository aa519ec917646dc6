import { expect, test } from "vitest";
import { given } from "./search";

test("only conditions that say something are sent", () => {
  const none = { kind: "", model: "", symbol: "", caller: "", since: "", until: "", text: "" };
  expect(given(none)).toEqual({});
  expect(given({ ...none, kind: "decision", text: "  ada " })).toEqual({ kind: "decision", text: "ada" });
});
