import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import { ViewPage } from "../parts/view-page";

/** An address that leads nowhere, or to a view that is not open to who asks. */
export function NotFound({ home, closed }: { home: string; closed?: string }) {
  return (
    <ViewPage title={closed ? "This view is not open to you" : "There is no such page"}>
      <Text>
        {closed
          ? `${closed} is for other roles than yours. An administrator can change that.`
          : "The link may be old, or mistyped."}{" "}
        <Anchor component={Link} to={home}>
          Go to the first view
        </Anchor>
      </Text>
    </ViewPage>
  );
}
