import { useComputedColorScheme } from "@mantine/core";
import type { ChartOptions, DeepPartial } from "lightweight-charts";

/** What a mark says: its sense, not its colour. */
export type Tone = "good" | "bad" | "warning" | "neutral" | "accent";
export type Scheme = "light" | "dark";

interface Palette {
  text: string;
  grid: string;
  cross: string;
  up: string;
  down: string;
  band: string;
  bandEdge: string;
  tones: Record<Tone, string>;
  series: readonly string[];
}

/** Okabe and Ito's order of colours, that the colour-blind can tell apart; 3 to 1 against the page at least. */
const PALETTES: Record<Scheme, Palette> = {
  light: {
    text: "#343a40",
    grid: "#e9ecef",
    cross: "#868e96",
    up: "#0b7285",
    down: "#c2410c",
    band: "rgba(11, 114, 133, 0.14)",
    bandEdge: "rgba(11, 114, 133, 0.55)",
    tones: { good: "#0b7285", bad: "#c92a2a", warning: "#a85d00", neutral: "#495057", accent: "#1864ab" },
    series: ["#1864ab", "#c2410c", "#00735c", "#9c2f77", "#7a5c00", "#495057", "#0b7fab", "#5f3dc4"],
  },
  dark: {
    text: "#ced4da",
    grid: "#2e3338",
    cross: "#909296",
    up: "#3bc9db",
    down: "#ff922b",
    band: "rgba(59, 201, 219, 0.16)",
    bandEdge: "rgba(59, 201, 219, 0.6)",
    tones: { good: "#3bc9db", bad: "#ff8787", warning: "#ffd43b", neutral: "#ced4da", accent: "#74c0fc" },
    series: ["#74c0fc", "#ffa94d", "#63e6be", "#f783ac", "#ffe066", "#ced4da", "#66d9e8", "#b197fc"],
  },
};

/** The colours of charts in the scheme that is on. */
export function usePalette(): Palette {
  return PALETTES[useComputedColorScheme("light")];
}

/** The frame of every chart of the library. */
export function chartOptions(palette: Palette): DeepPartial<ChartOptions> {
  return {
    layout: {
      background: { color: "transparent" },
      textColor: palette.text,
      fontFamily: "'Inter Variable', system-ui, sans-serif",
      fontSize: 12,
      attributionLogo: false, // the notice stands once, in the menu of the page
    },
    grid: { vertLines: { color: palette.grid }, horzLines: { color: palette.grid } },
    crosshair: {
      vertLine: { color: palette.cross, labelBackgroundColor: "#495057" },
      horzLine: { color: palette.cross, labelBackgroundColor: "#495057" },
    },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, minBarSpacing: 0.05 },
    localization: { locale: "en-GB" },
  };
}

export type { Palette };
