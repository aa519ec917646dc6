import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";
import { expect, test } from "vitest";
import { useUrlNumber, useUrlState } from "./url-state";

function Page() {
  const [symbol, setSymbol] = useUrlState("symbol");
  const [days, setDays] = useUrlNumber("days", 30);
  const { search } = useLocation();
  return (
    <>
      <p>
        {symbol} {days} {search}
      </p>
      <button
        type="button"
        onClick={() => {
          setSymbol("AAPL");
          setDays(90);
        }}
      >
        both
      </button>
      <button type="button" onClick={() => setDays(30)}>
        back
      </button>
    </>
  );
}

test("two values that are set at once are both kept, and the initial one is left out", async () => {
  const user = userEvent.setup();
  render(
    <MemoryRouter initialEntries={["/x?days=nonsense&other=1"]}>
      <Page />
    </MemoryRouter>,
  );
  expect(screen.getByText("30 ?days=nonsense&other=1")).toBeTruthy();
  await user.click(screen.getByText("both"));
  expect(screen.getByText("AAPL 90 ?days=90&other=1&symbol=AAPL")).toBeTruthy();
  await user.click(screen.getByText("back"));
  expect(screen.getByText("AAPL 30 ?other=1&symbol=AAPL")).toBeTruthy();
});
