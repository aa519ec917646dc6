import { Alert, type AlertProps } from "@mantine/core";

/** A notice whose title is in the colour of text: the ground tells the tone, the words can be read in every scheme. */
export function Notice(props: AlertProps) {
  return <Alert role="status" {...props} styles={{ title: { color: "var(--mantine-color-text)" } }} />;
}
