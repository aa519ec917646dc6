import { Button, Menu, Text, VisuallyHidden } from "@mantine/core";
import { IconKeyboard, IconLogout, IconSettings, IconUserCircle } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Me } from "../session/session";
import { settingsOf } from "./places";

/** Who is there, what they are, whose key signs; their settings, and the way out. */
export function UserMenu({ me, onLeave, onKeys }: { me: Me; onLeave: () => void; onKeys: () => void }) {
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="sm"
          px={8}
          leftSection={<IconUserCircle size={20} aria-hidden />}
          styles={{ section: { marginInlineEnd: 6 } }}
        >
          <VisuallyHidden>Account of </VisuallyHidden>
          <Text span size="sm" truncate maw={{ base: 64, sm: 160 }}>
            {me.name}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name}: {me.roles.map(roleName).join(", ")}
        </Menu.Label>
        <Menu.Label>{signing(me)}</Menu.Label>
        <Menu.Divider />
        {settingsOf(me).map((place) => (
          <Menu.Item
            key={place.to}
            component={Link}
            to={place.to}
            leftSection={<IconSettings size={16} aria-hidden />}
          >
            {place.label}
          </Menu.Item>
        ))}
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={onKeys}>
          Keyboard
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={onLeave}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Whose key signs what this person decides, in words. */
export function signing(me: Me): string {
  if (!me.signs_as) return "Nobody's key signs your decisions";
  return me.key_here
    ? `Your decisions are signed by the key of ${me.signs_as}`
    : `The key of ${me.signs_as} is not on this machine`;
}

/** A role in words. */
export function roleName(role: Me["roles"][number]): string {
  return role === "oncall" ? "on call" : role === "admin" ? "administrator" : role;
}
