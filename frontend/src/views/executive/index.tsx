import { Title } from "@mantine/core";

export default function View() {
  return <Title order={1}>Executive</Title>;
}
