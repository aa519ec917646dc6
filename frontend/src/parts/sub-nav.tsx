import { Link, useLocation } from "react-router";
import classes from "./sub-nav.module.css";

export interface SubNavProps {
  items: readonly { to: string; label: string }[];
  /** What of the address goes along to the other pages. */
  keep?: readonly string[];
  label?: string;
}

const KEPT = ["project", "symbol", "date"] as const;

/** The pages of a view as links below its title; the one that is open is told. */
export function SubNav({ items, keep = KEPT, label = "Pages of this view" }: SubNavProps) {
  const { pathname, search } = useLocation();
  const now = new URLSearchParams(search);
  const along = new URLSearchParams(
    keep.flatMap((key): [string, string][] => {
      const value = now.get(key);
      return value === null ? [] : [[key, value]];
    }),
  ).toString();
  const open = items
    .filter(({ to }) => pathname === to || pathname.startsWith(`${to}/`))
    .sort((a, b) => b.to.length - a.to.length)[0];
  return (
    <nav aria-label={label} className={classes.nav}>
      {items.map((item) => (
        <Link
          key={item.to}
          to={{ pathname: item.to, search: along && `?${along}` }}
          className={classes.link}
          aria-current={item === open ? "page" : undefined}
        >
          {item.label}
        </Link>
      ))}
    </nav>
  );
}
