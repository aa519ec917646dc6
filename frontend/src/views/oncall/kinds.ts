/** `feature_drift` as `feature drift`. */
export function words(kind: string): string {
  return kind.replaceAll("_", " ");
}

/** A title of the alert manager, such as `feed_silent: feed=gamma`, as people would write it. */
export function titled(text: string): string {
  return heading(text).replaceAll("=", " ");
}

/** The same with a capital: the beginning of a line. */
export function heading(kind: string): string {
  const text = words(kind);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
