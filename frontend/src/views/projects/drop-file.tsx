import { Button, Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { type DragEvent, useId, useRef, useState } from "react";
import classes from "./projects.module.css";

export interface DropFileProps {
  label: string;
  says: string;
  /** How much of a file that is on its way has gone; null: none is. */
  share: number | null;
  onFile: (file: File) => void;
}

/** A place to drop a file on, with a button for who does not drag. */
export function DropFile({ label, says, share, onFile }: DropFileProps) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const [over, setOver] = useState(false);

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  }

  return (
    <Paper
      withBorder
      p="lg"
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Stack gap="sm" align="center">
        <IconFileUpload size={32} stroke={1.4} aria-hidden />
        <Text ta="center" size="sm" maw={560} id={id}>
          {says}
        </Text>
        <input
          ref={input}
          type="file"
          accept=".csv,.parquet"
          hidden
          aria-hidden
          tabIndex={-1}
          data-testid="file"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = "";
            if (file) onFile(file);
          }}
        />
        <Group>
          <Button onClick={() => input.current?.click()} loading={share !== null} aria-describedby={id}>
            {label}
          </Button>
        </Group>
        {share !== null && (
          <Stack gap={4} w="100%" maw={360}>
            <Progress value={100 * share} aria-label="Upload" />
            <Text size="xs" c="dimmed" ta="center" aria-live="polite">
              {share < 1 ? `${Math.round(100 * share)} % has arrived` : "Reading the table"}
            </Text>
          </Stack>
        )}
      </Stack>
    </Paper>
  );
}
