import type { Page } from "@playwright/test";

/** What is looked for in the words of a page, and what stands there instead. */
export type Alike = readonly (readonly [what: RegExp, instead: string])[];

/** From now on tell the words of the page by `rules`, also those that come later. */
export async function tellAlike(page: Page, rules: Alike): Promise<void> {
  await page.evaluate(
    retold,
    rules.map(([what, instead]) => [what.source, instead] as const),
  );
}

/** Runs in the page. */
function retold(rules: readonly (readonly [string, string])[]): void {
  const alike = rules.map(([what, instead]) => [new RegExp(what, "g"), instead] as const);
  const told = (text: string) => alike.reduce((so, [what, instead]) => so.replace(what, instead), text);

  function tell(root: Node): void {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    if (root.nodeType === Node.TEXT_NODE) write(root);
    while (texts.nextNode()) write(texts.currentNode);
    if (root instanceof Element)
      for (const field of root.querySelectorAll<HTMLInputElement>("input[type=text], input[type=search]"))
        field.value = told(field.value);
  }

  function write(text: Node): void {
    if (text.parentElement?.closest("script, style")) return;
    const now = text.nodeValue ?? "";
    const next = told(now);
    if (next !== now) text.nodeValue = next;
  }

  tell(document.body);
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) for (const node of [target, ...addedNodes]) tell(node);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
