import { createTheme, defaultVariantColorsResolver, type VariantColorsResolver } from "@mantine/core";

/** Writes dark on a filled surface of the primary colour where the scheme is dark: there that colour is a light one. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const usual = defaultVariantColorsResolver(input);
  const primary = input.color === undefined || input.color === input.theme.primaryColor;
  return input.variant === "filled" && primary ? { ...usual, color: "light-dark(#fff, #000)" } : usual;
};

/** Colours chosen so that text has a contrast of 4.5 to 1 at least, in light and in dark. */
export const theme = createTheme({
  primaryColor: "cyan",
  primaryShade: { light: 9, dark: 5 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  variantColorResolver,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
});
