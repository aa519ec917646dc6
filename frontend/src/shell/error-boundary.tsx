import { Alert, Button, Code, Stack, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";

interface Props {
  /** Where the page is: a fault of one page is forgotten on the next. */
  place: string;
  children: ReactNode;
}

/** Keeps a fault of one page from taking the whole application with it. */
export class PageFault extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (this.state.error && before.place !== this.props.place) this.setState({ error: null });
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const old = /dynamically imported module|module script/i.test(error.message);
    return (
      <Alert
        color="red"
        variant="light"
        role="alert"
        title={old ? "There is a newer version" : "This page failed"}
      >
        <Stack gap="xs" align="flex-start">
          <Text size="sm">
            {old
              ? "A part of the page could not be loaded; the dashboard was renewed since you opened it."
              : "The other pages still work. What was thrown:"}
          </Text>
          {!old && <Code>{error.message}</Code>}
          <Button
            size="xs"
            variant="default"
            onClick={() => (old ? window.location.reload() : this.setState({ error: null }))}
          >
            {old ? "Load the page anew" : "Try again"}
          </Button>
        </Stack>
      </Alert>
    );
  }
}
