import { Button, Menu, Text } from "@mantine/core";
import { IconDots, IconUserPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, body, type Shapes } from "../api/client";
import { type Column, DataTable } from "../parts/data-table";
import { saveCsv } from "../parts/export";
import { day } from "../parts/format";
import { Failure, Loaded } from "../parts/states";
import { useMe } from "../session/session";
import { roleName } from "../shell/user-menu";
import { SettingsPage } from "./frame";
import { PersonDialog, RemoveDialog, SecretDialog } from "./person-dialogs";

type Person = Shapes["PersonShape"];
type Secret = Shapes["SecretOnce"];

/** Who may open the dashboard: add, change, remove, a new password, a link to log in. */
export default function People() {
  const me = useMe();
  const client = useQueryClient();
  const people = useQuery({ queryKey: ["people"], queryFn: () => body(api.GET("/api/people")) });
  const [edited, setEdited] = useState<Person | "new" | null>(null);
  const [removed, setRemoved] = useState<Person | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const fresh = () => client.invalidateQueries({ queryKey: ["people"] });
  const { mutate: makeSecret, error } = useMutation({
    mutationFn: ({ name, kind }: { name: string; kind: "password" | "link" }) =>
      kind === "password"
        ? body(api.POST("/api/people/{name}/password", { params: { path: { name } } }))
        : body(api.POST("/api/people/{name}/link", { params: { path: { name } } })),
    onSuccess: (made) => {
      setSecret(made);
      void fresh();
    },
  });

  const columns = useMemo(
    (): Column<Person>[] => [
      { key: "name", title: "Name" },
      {
        key: "roles",
        title: "Roles",
        sort: (person) => person.roles.join(" "),
        render: (person) => person.roles.map(roleName).join(", "),
      },
      { key: "signs_as", title: "Signs as", render: (person) => person.signs_as ?? "nobody" },
      {
        key: "has_password",
        title: "Comes by",
        render: (person) => (person.has_password ? "password" : "link alone"),
      },
      { key: "created", title: "Since", render: (person) => day(person.created) },
      {
        key: "acts",
        title: "Change",
        sort: false,
        render: (person) => (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button size="compact-xs" variant="default" aria-label={`Change ${person.name}`}>
                <IconDots size={16} aria-hidden />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setEdited(person)}>Roles and key</Menu.Item>
              <Menu.Item onClick={() => makeSecret({ name: person.name, kind: "password" })}>
                New password
              </Menu.Item>
              <Menu.Item onClick={() => makeSecret({ name: person.name, kind: "link" })}>
                Link to log in
              </Menu.Item>
              <Menu.Item disabled={person.name === me.name} onClick={() => setRemoved(person)}>
                Remove
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ),
      },
    ],
    [me.name, makeSecret],
  );

  return (
    <SettingsPage
      title="People"
      lead="Who may open the dashboard, and what it shows them. Passwords are kept as hashes alone."
      actions={
        <Button
          size="xs"
          leftSection={<IconUserPlus size={15} aria-hidden />}
          onClick={() => setEdited("new")}
        >
          Add a person
        </Button>
      }
      exports={[
        {
          label: "CSV",
          onExport: () =>
            saveCsv("people.csv", people.data ?? [], [
              "name",
              "roles",
              "signs_as",
              "has_password",
              "created",
            ]),
        },
      ]}
    >
      {error && <Failure error={error} />}
      <Loaded query={people}>
        {(rows) => <DataTable label="People" rows={rows} columns={columns} rowKey={(row) => row.name} />}
      </Loaded>
      <Text size="xs" c="dimmed">
        A new password ends the sessions of its person. A link logs in once, within ten minutes.
      </Text>
      {edited && (
        <PersonDialog
          person={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onDone={(made) => {
            setEdited(null);
            setSecret(made);
            void fresh();
          }}
        />
      )}
      {removed && (
        <RemoveDialog
          name={removed.name}
          onClose={() => setRemoved(null)}
          onDone={() => {
            setRemoved(null);
            void fresh();
          }}
        />
      )}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </SettingsPage>
  );
}
