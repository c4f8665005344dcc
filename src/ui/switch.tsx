import type { JSX } from "hono/jsx/jsx-runtime";

export interface SwitchItem {
  readonly label: string;
  readonly href: string;
  readonly count?: number | undefined;
  readonly current: boolean;
}

/** Chooses between views of one list; each is a link of its own, so that it can be kept and shared. */
export function Switch({
  label,
  items,
}: {
  readonly label: string;
  readonly items: readonly SwitchItem[];
}): JSX.Element {
  return (
    <nav class="switch" aria-label={label}>
      {items.map((item) => (
        <a class="switch-item" href={item.href} aria-current={item.current ? "page" : undefined}>
          {item.label}
          {item.count !== undefined && (
            <>
              {" "}
              <span class="switch-count">{item.count.toLocaleString("en")}</span>
            </>
          )}
        </a>
      ))}
    </nav>
  );
}
