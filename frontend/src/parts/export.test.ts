import { expect, test } from "vitest";
import { csvOf } from "./export";

test("commas, quotes and lines are kept; nothing runs as a formula; minus numbers stay numbers", () => {
  const rows = [
    { name: 'a "b", c', why: "=SUM(A1)", value: -1.5, none: null },
    { name: "two\nlines", why: "@x", value: 2, none: undefined },
  ];
  expect(csvOf(rows, ["name", "why", "value", "none"])).toBe(
    'name,why,value,none\r\n"a ""b"", c",\'=SUM(A1),-1.5,\r\n"two\nlines",\'@x,2,\r\n',
  );
});
