import type { IChartApi } from "lightweight-charts";
import { drawnChart } from "./charts/drawn";

export type Cell = string | number | boolean | null | undefined;

/** Hand `text` to the person as a file. */
export function saveText(name: string, text: string, type = "text/plain"): void {
  saveBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

/** Hand any bytes to the person as a file. */
export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Hand a value to the person as a JSON file. */
export function saveJson(name: string, value: unknown): void {
  saveText(name, `${JSON.stringify(value, null, 2)}\n`, "application/json");
}

/** The text of a CSV file (RFC 4180). What a spreadsheet would run as a formula is kept from it by an apostrophe. */
export function csvOf<T extends object>(rows: readonly T[], columns: readonly (keyof T & string)[]): string {
  const lines = rows.map((row) => columns.map((column) => field(row[column])).join(","));
  return [columns.map(field).join(","), ...lines].join("\r\n").concat("\r\n");
}

/** Hand rows to the person as a CSV file; `columns` are the keys, in order. */
export function saveCsv<T extends object>(
  name: string,
  rows: readonly T[],
  columns: readonly (keyof T & string)[],
): void {
  saveText(name, csvOf(rows, columns), "text/csv");
}

/** Hand a chart to the person as a picture; `chart` is the chart, or its label where it is on the page. */
export async function savePng(chart: IChartApi | string, name: string): Promise<void> {
  const drawn = typeof chart === "string" ? drawnChart(chart) : chart;
  if (!drawn) throw new Error("The chart is not on the page yet; wait until it is drawn.");
  const canvas = drawn.takeScreenshot();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("The browser could not make a picture of the chart.");
  saveBlob(name.endsWith(".png") ? name : `${name}.png`, blob);
}

function field(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  let text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (/^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
