import { createContext, useContext, useEffect } from "react";
import type { Export } from "../../parts/view-page";

/** Where a part of a page tells what of it can be exported. */
export const OfferContext = createContext<(exports: readonly Export[]) => void>(() => {});

/** Offer exports in the menu of the page while this part is shown. Give the same list between renders. */
export function useOffered(exports: readonly Export[]): void {
  const offer = useContext(OfferContext);
  useEffect(() => {
    offer(exports);
    return () => offer([]);
  }, [offer, exports]);
}
