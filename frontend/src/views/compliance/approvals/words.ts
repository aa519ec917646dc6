import type { Shapes } from "../../../api/client";

type Act = Shapes["PossibleAct"]["act"];

/** How acts are called: on a button, as the next step, and what follows from them. */
export const ACTS: Record<Act, { button: string; next: string; follows: string; harsh?: boolean }> = {
  validate: {
    button: "Validate",
    next: "validation",
    follows: "You say that you examined it. Write what you did and what you found.",
  },
  approve: {
    button: "Approve",
    next: "approval",
    follows: "You take responsibility for its use. From then on it may be served.",
  },
  promote: {
    button: "Promote",
    next: "promotion to champion",
    follows: "It is served from then on. The present champion, if there is one, becomes approved again.",
  },
  challenge: {
    button: "Make challenger",
    next: "a trial beside the champion",
    follows: "It runs beside the champion and is compared; nobody acts on what it says.",
  },
  demote: {
    button: "Stand down",
    next: "standing down",
    follows: "Nothing of this name is served until another version is promoted.",
    harsh: true,
  },
  reject: {
    button: "Reject",
    next: "rejection",
    follows: "It goes back to draft. The reason says what must change.",
    harsh: true,
  },
  retire: { button: "Retire", next: "retirement", follows: "It is never served again.", harsh: true },
};
