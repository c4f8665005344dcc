import type { JSX } from "hono/jsx/jsx-runtime";

import type { UserElsewhere } from "#other-instances/find-user-elsewhere.ts";
import { EmptyState } from "#ui/empty-state.tsx";
import { Icon } from "#ui/icon.tsx";
import { ActionList, MenuForm, MenuLink } from "#ui/menu.tsx";
import { PALETTE_ADDRESS } from "#ui/top-bar.tsx";
import type { User } from "#users/user.ts";
import { Elsewhere } from "./elsewhere.tsx";
import { atOnce, pageOf } from "./entries.ts";

/** Somebody who was found, and why no link can be sent to them, if so. */
export interface Found {
  readonly user: User;
  readonly whyNot: string | null;
  /** In which they asked for help to get in, if they did and are not in yet. */
  readonly ticketId: string | undefined;
}

export interface PaletteProps {
  readonly q: string;
  readonly found: readonly Found[];
  readonly elsewhere: readonly UserElsewhere[];
  /** Whether the instance wants a verification record for a link, which one key cannot give. */
  readonly asksBeforeSending: boolean;
}

/** Type part of a name, and Enter sends the link to the only one who is found; of several it leads to the first. */
export function Palette(props: PaletteProps): JSX.Element {
  return (
    <div class="palette">
      <form
        class="search-box"
        role="search"
        action={PALETTE_ADDRESS}
        hx-get={PALETTE_ADDRESS}
        hx-trigger="input delay:120ms"
        hx-target="#found"
        hx-select="#found"
        hx-swap="outerHTML"
        hx-sync="this:replace"
      >
        <Icon name="search" />
        <input
          class="input search-input"
          type="search"
          name="q"
          value={props.q}
          placeholder="Part of a name, address or user name"
          aria-label="Who cannot get in?"
          autocomplete="off"
          spellcheck={false}
          autofocus
          data-palette
        />
      </form>
      <FoundPeople {...props} />
    </div>
  );
}

function FoundPeople({ q, found, elsewhere, asksBeforeSending }: PaletteProps): JSX.Element {
  return (
    <div id="found" data-q={q} role="status">
      {found.length > 0 && (
        <ActionList label="Send Reset Link to">
          {found.map((one) => (
            <FoundPerson {...one} asksBeforeSending={asksBeforeSending} />
          ))}
        </ActionList>
      )}
      {found.length === 0 && q !== "" && (
        <EmptyState icon="search" title="Nobody found">
          {elsewhere.length > 0 ? (
            <Elsewhere users={elsewhere} />
          ) : (
            `No name, address or user name here has “${q}” in it.`
          )}
        </EmptyState>
      )}
      {q === "" && (
        <p class="quiet">
          Enter sends the link when one person is found. Of several it leads to the first, the arrow keys to the others.
        </p>
      )}
    </div>
  );
}

/** What cannot be done at once is cured on the profile. */
function FoundPerson({
  user,
  whyNot,
  ticketId,
  asksBeforeSending,
}: Found & { readonly asksBeforeSending: boolean }): JSX.Element {
  const address = `/settings/users/${user.id}`;
  const acting = { user, asksBeforeSending, from: { returnTo: address, ticketId } };
  const sending = atOnce("send_reset_link", acting);
  const item = {
    id: `found-${user.id}`,
    place: "list",
    icon: "send",
    label: user.name,
    description: `Send Reset Link to ${user.email}`,
    disabledReason: whyNot ?? undefined,
  } as const;
  return (
    <div class="found-person">
      {sending ? (
        <MenuForm {...item} {...sending} />
      ) : (
        <MenuLink {...item} href={pageOf("send_reset_link", acting)} opensDialog />
      )}
      <a class="icon-button" href={address} aria-label={`Profile of ${user.name}`}>
        <Icon name="user" />
      </a>
    </div>
  );
}
