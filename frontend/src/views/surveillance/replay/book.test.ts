import { describe, expect, it } from "vitest";
import { BookPlayer, type Stretch } from "./book";
import { drawing, ownEvents, rowAt } from "./moments";
import fixture from "./stretch.fixture.json";

const stretch = fixture.stretch as unknown as Stretch;
const COUNT = 10;

function depthAt(player: BookPlayer, row: number) {
  player.seek(row);
  const { bids, asks } = player.depth(COUNT);
  return {
    row,
    bid: bids.map((one) => one.price),
    bid_size: bids.map((one) => one.size),
    ask: asks.map((one) => one.price),
    ask_size: asks.map((one) => one.size),
  };
}

describe("BookPlayer", () => {
  it("shows the book that the server's replay shows, at every row that was told", () => {
    const player = new BookPlayer(stretch);
    for (const shot of fixture.shots) expect(depthAt(player, shot.row)).toEqual(shot);
  });

  it("shows the same going back", () => {
    const player = new BookPlayer(stretch);
    player.seek(player.length);
    for (const shot of [...fixture.shots].reverse()) expect(depthAt(player, shot.row)).toEqual(shot);
  });

  it("counts the suspects' shares within each level, and never more than there are", () => {
    const player = new BookPlayer(stretch);
    let seen = 0;
    let wrong = 0;
    for (let row = 0; row <= player.length; row += 1) {
      player.seek(row);
      for (const [, level] of player.all()) {
        if (level.own < 0 || level.own > level.size) wrong += 1;
        if (level.own > 0) seen += 1;
      }
    }
    expect(wrong).toBe(0);
    expect(seen).toBeGreaterThan(0);
  });

  it("steps well within a frame", () => {
    const player = new BookPlayer(stretch);
    const before = performance.now();
    for (let row = 0; row <= player.length; row += 1) depthAt(player, row);
    expect((performance.now() - before) / player.length).toBeLessThan(16);
  });
});

describe("moments", () => {
  it("lists what the accounts did in order, with the venue's order ids", () => {
    const events = ownEvents(stretch);
    expect(events.length).toBeGreaterThan(0);
    expect(events.map((one) => one.row)).toEqual(events.map((one) => one.row).sort((a, b) => a - b));
    expect(
      events.every((one) => stretch.accounts.slice(0, stretch.suspects.length).includes(one.account)),
    ).toBe(true);
    expect(events.every((one) => one.order !== "")).toBe(true);
  });

  it("finds how many rows have happened by a time", () => {
    expect([0, 5, 6, 99].map((time) => rowAt([5, 5, 7], time))).toEqual([0, 2, 2, 3]);
  });

  it("draws the mid price where there is a book", () => {
    const drawn = drawing(stretch);
    expect(drawn.mid.some((mid) => mid !== null && mid >= drawn.low && mid <= drawn.high)).toBe(true);
    expect(drawn.most).toBeGreaterThan(0);
  });
});
