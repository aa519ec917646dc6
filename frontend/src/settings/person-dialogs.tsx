import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, body, type Shapes } from "../api/client";
import { Failure } from "../parts/states";
import { roleName } from "../shell/user-menu";

type Person = Shapes["PersonShape"];
type Role = Person["roles"][number];
type Secret = Shapes["SecretOnce"];

const ROLES: readonly { role: Role; opens: string }[] = [
  { role: "executive", opens: "The executive view, which every role opens" },
  { role: "analyst", opens: "Analyst" },
  { role: "oncall", opens: "On call" },
  { role: "compliance", opens: "Compliance, surveillance and the ratings" },
  { role: "surveillance", opens: "Surveillance" },
  { role: "admin", opens: "Everything, and the people" },
];

/** Add a person, or change one. `onDone` gets the password of a new one. */
export function PersonDialog({
  person,
  onClose,
  onDone,
}: {
  person: Person | null;
  onClose: () => void;
  onDone: (made: Secret | null) => void;
}) {
  const [name, setName] = useState(person?.name ?? "");
  const [roles, setRoles] = useState<Role[]>(person?.roles ?? []);
  const [signsAs, setSignsAs] = useState(person?.signs_as ?? "");
  const save = useMutation({
    mutationFn: async () => {
      const what = { roles, signs_as: signsAs.trim() || null };
      if (!person) return body(api.POST("/api/people", { body: { name: name.trim(), ...what } }));
      await api.PUT("/api/people/{name}", { params: { path: { name: person.name } }, body: what });
      return null;
    },
    onSuccess: onDone,
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }

  return (
    <Modal opened onClose={onClose} title={person ? `Change ${person.name}` : "Add a person"}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {!person && (
            <TextInput
              label="Name"
              description="Letters, digits and . _ @ + -"
              required
              pattern="[\w.@+\-]{1,64}"
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
          <Checkbox.Group
            label="Roles"
            required
            value={roles}
            onChange={(values) =>
              setRoles(ROLES.map(({ role }) => role).filter((role) => values.includes(role)))
            }
          >
            <Stack gap={6} mt={4}>
              {ROLES.map(({ role, opens }) => (
                <Checkbox key={role} value={role} label={roleName(role)} description={opens} />
              ))}
            </Stack>
          </Checkbox.Group>
          <TextInput
            label="Signs as"
            description="The person of `tradewind models people` whose key signs what they decide; may be empty."
            value={signsAs}
            onChange={(event) => setSignsAs(event.currentTarget.value)}
          />
          {save.error && <Failure error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button type="submit" loading={save.isPending} disabled={roles.length === 0}>
              {person ? "Change" : "Add"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Ask before a person is removed. */
export function RemoveDialog({
  name,
  onClose,
  onDone,
}: {
  name: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/people/{name}", { params: { path: { name } } }),
    onSuccess: onDone,
  });
  return (
    <Modal opened onClose={onClose} title={`Remove ${name}?`}>
      <Stack gap="sm">
        <Text size="sm">
          They are logged out at once and cannot come back. What they decided and rated stays on record.
        </Text>
        {remove.error && <Failure error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Show a secret, once. */
export function SecretDialog({ secret, onClose }: { secret: Secret | null; onClose: () => void }) {
  return (
    <Modal opened={secret !== null} onClose={onClose} title={secret ? `For ${secret.name}` : ""}>
      <Stack gap="sm">
        <Text size="sm">This is shown once; give it to them by a safe way.</Text>
        <TextInput
          label={secret?.secret.startsWith("http") ? "Link, good once within ten minutes" : "Password"}
          readOnly
          data-autofocus
          value={secret?.secret ?? ""}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
