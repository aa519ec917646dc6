import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { CandleChart } from "./candles";
import { HeatMap } from "./heat-map";
import { Waterfall } from "./waterfall";

test("a waterfall that does not come to its total says what is missing", () => {
  render(
    <MantineProvider>
      <Waterfall
        label="Why"
        base={0.5}
        total={0.56}
        unit="%"
        steps={[
          { name: "Momentum", value: 0.05 },
          { name: "News", value: -0.01 },
        ]}
      />
    </MantineProvider>,
  );
  const cells = screen.getAllByRole("row").map((row) => row.textContent);
  expect(cells).toContain("Momentum+5.0 pp");
  expect(cells).toContain("News−1.0 pp");
  expect(cells).toContain("All else+2.0 pp");
  expect(cells).toContain("Total56.0 %");
});

test("arrow keys move on a heat map, and Enter picks", async () => {
  const user = userEvent.setup();
  const pick = vi.fn();
  render(
    <MantineProvider>
      <HeatMap
        label="Drift"
        rows={["a", "b"]}
        columns={["x", "y"]}
        values={[
          [0.1, 0.3],
          [null, -0.2],
        ]}
        format={(value) => value.toFixed(1)}
        tone="diverging"
        thresholds={[0.25]}
        onPick={pick}
      />
    </MantineProvider>,
  );
  await user.tab();
  await user.keyboard("{ArrowRight}");
  expect(document.activeElement?.textContent).toBe("0.3 !");
  await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  expect(pick).toHaveBeenCalledWith(1, 1);
});

test("a chart is read by keyboard", async () => {
  const user = userEvent.setup();
  const pick = vi.fn();
  const bars = [
    { time: "2024-03-04", open: 9, high: 11, low: 8, close: 10, volume: 1000 },
    { time: "2024-03-05", open: 10, high: 12, low: 9, close: 11, volume: 1200 },
  ];
  render(
    <MantineProvider>
      <CandleChart label="Bars" bars={bars} onPick={pick} />
    </MantineProvider>,
  );
  expect(screen.getByText(/2 bars from 4 Mar 2024 to 5 Mar 2024/)).toBeTruthy();
  await user.tab();
  expect(screen.getByText(/close 11.00 \(\+10.00 %\)/)).toBeTruthy();
  await user.keyboard("{ArrowLeft}{Enter}");
  expect(screen.getByText(/volume 1,000$/)).toBeTruthy();
  expect(pick).toHaveBeenCalledWith("2024-03-04");
});
