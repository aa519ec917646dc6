import { Button, Group, Menu, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCheck, IconDownload, IconLink } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { OfferContext, Offers } from "./offers";

export interface Export {
  label: string;
  onExport: () => Promise<void> | void;
}

export interface ViewPageProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  exports?: readonly Export[];
  children: ReactNode;
}

const NOTHING: readonly Export[] = [];
let pagesShown = 0;

/**
 * A page of a view: its title, a link to share, what can be exported, by the page or by a part of it that offers it. The
 * heading takes the focus on navigation.
 */
export function ViewPage({ title, lead, actions, exports, children }: ViewPageProps) {
  const [offers] = useState(() => new Offers());
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Tradewind`;
  }, [title]);
  useEffect(() => {
    pagesShown += 1;
    if (pagesShown > 1) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Title order={1} size="h2" ref={heading} tabIndex={-1} style={{ outline: "none" }}>
            {title}
          </Title>
          {lead && (
            <Text component="div" c="dimmed" size="sm" maw={760}>
              {lead}
            </Text>
          )}
        </div>
        <Group gap="xs">
          {actions}
          <CopyLink />
          <ExportMenu own={exports} offers={offers} />
        </Group>
      </Group>
      <OfferContext value={offers}>{children}</OfferContext>
    </Stack>
  );
}

function CopyLink() {
  const [copied, setCopied] = useState(false);
  const [link, setLink] = useState<string | null>(null);

  async function copy() {
    const address = window.location.href;
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      setLink(address); // no clipboard: a page that is not secure, or no leave for it
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  }

  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconLink size={15} aria-hidden />}
        onClick={copy}
      >
        {copied ? "Copied" : "Copy link"}
      </Button>
      <Modal opened={link !== null} onClose={() => setLink(null)} title="Link to this page">
        <TextInput
          label="Copy it from here"
          readOnly
          value={link ?? ""}
          data-autofocus
          onFocus={(event) => event.currentTarget.select()}
        />
      </Modal>
    </>
  );
}

function ExportMenu({ own = NOTHING, offers }: { own?: readonly Export[]; offers: Offers }) {
  const offered = useSyncExternalStore(offers.watch, offers.now);
  const [busy, setBusy] = useState(false);
  const exports = own.length > 0 ? own : offered;
  if (exports.length === 0) return null;

  async function run({ label, onExport }: Export) {
    setBusy(true);
    try {
      await onExport();
    } catch (error) {
      notifications.show({
        color: "red",
        title: `${label} could not be exported`,
        message: error instanceof Error ? error.message : "The cause is not known.",
      });
    } finally {
      setBusy(false);
    }
  }

  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          loading={busy}
          leftSection={<IconDownload size={15} aria-hidden />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {exports.map((one) => (
          <Menu.Item key={one.label} onClick={() => run(one)}>
            {one.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
