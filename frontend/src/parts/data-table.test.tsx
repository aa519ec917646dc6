import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { DataTable } from "./data-table";

const ROWS = [
  { name: "b10", value: 2 as number | null },
  { name: "b9", value: null },
  { name: "a", value: 5 },
];
const COLUMNS = [
  { key: "name", title: "Name" },
  { key: "value", title: "Value", numeric: true },
];

function shown(): string[] {
  const [, ...rows] = screen.getAllByRole("row");
  return rows.map((row) => within(row).getAllByRole("cell")[0]?.textContent ?? "");
}

function show(onRow?: (row: { name: string }) => void) {
  render(
    <MantineProvider>
      <DataTable label="Things" rows={ROWS} columns={COLUMNS} rowKey={(row) => row.name} onRow={onRow} />
    </MantineProvider>,
  );
}

test("it is sorted by keyboard; numbers in words count as numbers, what is absent comes last", async () => {
  const user = userEvent.setup();
  show();
  const value = screen.getByRole("button", { name: "Value" });
  value.focus();
  await user.keyboard("{Enter}");
  expect(shown()).toEqual(["a", "b10", "b9"]);
  expect(screen.getByRole("columnheader", { name: "Value" }).getAttribute("aria-sort")).toBe("descending");
  await user.keyboard("{Enter}");
  expect(shown()).toEqual(["b10", "a", "b9"]);
  await user.click(screen.getByRole("button", { name: "Name" }));
  expect(shown()).toEqual(["a", "b9", "b10"]);
});

test("rows are walked and opened by keyboard", async () => {
  const user = userEvent.setup();
  const open = vi.fn();
  show(open);
  screen.getAllByRole("row")[1]?.focus();
  await user.keyboard("{ArrowDown}{Enter}");
  expect(open).toHaveBeenCalledWith(ROWS[1]);
});
