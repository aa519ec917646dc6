import { createContext, useContext, useEffect } from "react";
import type { Export } from "./view-page";

/** What the parts of a page offer for export: told to the menu alone, so that the page is not drawn anew for it. */
export class Offers {
  private offered: readonly Export[] = [];
  private readonly watching = new Set<() => void>();

  offer(exports: readonly Export[]): void {
    this.offered = exports;
    for (const tell of this.watching) tell();
  }

  watch = (tell: () => void): (() => void) => {
    this.watching.add(tell);
    return () => this.watching.delete(tell);
  };

  now = (): readonly Export[] => this.offered;
}

/** Where a part of a page tells what of it can be exported. */
export const OfferContext = createContext<Offers>(new Offers());

/** Offer exports in the menu of the page while this part is shown. Give the same list between renders. */
export function useOffered(exports: readonly Export[]): void {
  const offers = useContext(OfferContext);
  useEffect(() => {
    offers.offer(exports);
    return () => offers.offer([]);
  }, [offers, exports]);
}
