import { type RefObject, useEffect } from "react";

/**
 * Mark on an element which of its sides hide something: `data-more` holds `left`, `right`, both or neither. A scroll bar
 * that is drawn only while it moves does not tell that a table goes on.
 */
export function useEdges(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const mark = () => {
      const over = element.scrollWidth - element.clientWidth;
      const sides = [element.scrollLeft > 1 && "left", element.scrollLeft < over - 1 && "right"];
      element.dataset.more = sides.filter(Boolean).join(" ");
    };
    mark();
    element.addEventListener("scroll", mark, { passive: true });
    const watch = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(mark);
    watch?.observe(element);
    for (const child of element.children) watch?.observe(child);
    return () => {
      element.removeEventListener("scroll", mark);
      watch?.disconnect();
    };
  }, [box]);
}
