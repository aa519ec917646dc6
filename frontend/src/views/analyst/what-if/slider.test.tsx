import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Feature } from "./changes";
import { FeatureSlider } from "./slider";

const FEATURE = {
  name: "ret_5",
  words: "return over five bars",
  form: { scale: 1, digits: 2, signed: true, suffix: "" },
  value: 0,
  gives: 0.01,
  low: -1,
  high: 1,
  marks: [-1, -0.5, 0, 0.5, 1],
} as unknown as Feature;

test("Page up and down move a feature by a tenth of its range", async () => {
  const onMove = vi.fn();
  render(
    <MantineProvider>
      <FeatureSlider
        feature={FEATURE}
        value={undefined}
        onMove={onMove}
        onReset={() => {}}
        onActive={() => {}}
        curve={null}
      />
    </MantineProvider>,
  );
  const thumb = screen.getByRole("slider", { name: "ret_5" });
  thumb.focus();
  const ends = [Number(thumb.getAttribute("aria-valuemin")), Number(thumb.getAttribute("aria-valuemax"))];
  const tenth = ((ends[1] as number) - (ends[0] as number)) / 10;
  await userEvent.keyboard("{PageUp}");
  expect(onMove).toHaveBeenLastCalledWith("ret_5", expect.closeTo(tenth));
  await userEvent.keyboard("{PageDown}");
  expect(onMove).toHaveBeenLastCalledWith("ret_5", expect.closeTo(-tenth));
});
