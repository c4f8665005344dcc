import { type RawBuilder, sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";
import { findUsers, type User } from "#users/user.ts";

/** How far back the figures look. */
export const FIGURES_DAYS = 30;

/** The page behind a figure shows the newest so many people. */
const MOST_PEOPLE = 200;

const MINUTES = sql<number>`extract(epoch from asked.signed_in_at - asked.requested_at) / 60`;
const within = (least: number, most: number): RawBuilder<boolean> =>
  sql`${MINUTES} >= ${least}::float8 and ${MINUTES} < ${most}::float8`;
const HOUR = 60;
const DAY = 24 * HOUR;

/** How long it took from the request to the sign-in, shortest first. */
const TIMES = {
  within_5_minutes: { label: "under 5 min", is: within(0, 5) },
  within_15_minutes: { label: "5 to 15 min", is: within(5, 15) },
  within_1_hour: { label: "15 min to 1 h", is: within(15, HOUR) },
  within_4_hours: { label: "1 to 4 h", is: within(HOUR, 4 * HOUR) },
  within_1_day: { label: "4 h to a day", is: within(4 * HOUR, DAY) },
  after_1_day: { label: "over a day", is: within(DAY, 1e9) },
} as const;

/** What kept people out. */
const CAUSES = {
  mail_came_back: { label: "Mail bounced or was refused", is: sql<boolean>`asked.mail in ('bounced', 'failed')` },
  never_opened: {
    label: "Link never opened",
    is: sql<boolean>`asked.method = 'reset_link' and asked.mail = 'accepted' and asked.is_over and asked.completed_at is null
      and not asked.is_opened`,
  },
  opened_unused: {
    label: "Link opened, no password set",
    is: sql<boolean>`asked.is_opened and asked.is_over and asked.completed_at is null`,
  },
  set_not_in: {
    label: "Password set, not signed in",
    is: sql<boolean>`asked.completed_at is not null and asked.signed_in_at is null`,
  },
  again: { label: "Asked for help more than once", is: sql<boolean>`asked.times > 1` },
} as const;

const ALL = { ...TIMES, ...CAUSES };

export type FigureKey = keyof typeof ALL;

export interface Figure {
  readonly key: FigureKey;
  readonly label: string;
  /** How many people it is true of. */
  readonly people: number;
}

export interface Figures {
  readonly times: readonly Figure[];
  readonly causes: readonly Figure[];
}

/** @returns how it went for who was helped within the last 30 days, as numbers of people. @throws not_permitted */
export async function readFigures(deps: Deps, scope: Scope): Promise<Figures> {
  requirePermission(scope, "users.read");
  const counts = Object.entries(ALL).map(
    ([key, { is }]) => sql`count(distinct asked.user_id) filter (where ${is})::int as ${sql.ref(key)}`,
  );
  const { rows } = await deps.db.inInstance(scope.instance.id, (tx) =>
    sql<Record<FigureKey, number>>`${asked(scope, deps.clock.now())} select ${sql.join(counts)} from asked`.execute(tx),
  );
  const figuresOf = (group: Readonly<Partial<Record<FigureKey, { label: string }>>>): readonly Figure[] =>
    Object.entries(group).map(([key, { label }]) => {
      return { key: key as FigureKey, label, people: rows[0]?.[key as FigureKey] ?? 0 };
    });
  return { times: figuresOf(TIMES), causes: figuresOf(CAUSES) };
}

export interface Counted {
  readonly user: User;
  /** When they last asked for help and the figure was true of it. */
  readonly at: Date;
}

/** @returns the people behind a figure, newest first, and what it is called. @throws not_permitted, not_found */
export async function readFigure(
  deps: Deps,
  scope: Scope,
  key: string,
): Promise<{ label: string; people: readonly Counted[] }> {
  requirePermission(scope, "users.read");
  const figure = isFigure(key) ? ALL[key] : undefined;
  if (!figure) throw new RekeyError("not_found");
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const { rows } = await sql<{ user_id: string; at: Date }>`
      ${asked(scope, deps.clock.now())}
      select asked.user_id, max(asked.requested_at) as at from asked where ${figure.is}
      group by asked.user_id order by at desc limit ${MOST_PEOPLE}`.execute(tx);
    const users = await findUsers(
      tx,
      scope,
      rows.map((row) => row.user_id),
    );
    const people = rows.flatMap(({ user_id: id, at }) => {
      const user = users.get(id);
      return user ? [{ user, at }] : [];
    });
    return { label: figure.label, people };
  });
}

function isFigure(key: string): key is FigureKey {
  return Object.hasOwn(ALL, key);
}

/** Every recovery of the last 30 days, invitations aside, with what became of it. */
function asked({ instance }: Scope, now: Date): RawBuilder<unknown> {
  return sql`with asked as (
    select r.user_id, r.method, r.requested_at, r.completed_at, r.signed_in_at,
      r.state <> 'open' or coalesce(r.expires_at, r.cap_at) <= ${now} as is_over,
      count(*) over (partition by r.user_id) as times,
      (select m.state from emails m where m.instance_id = r.instance_id and m.recovery_id = r.id order by m.id desc limit 1) as mail,
      exists (
        select 1 from recovery_events e
        where e.instance_id = r.instance_id and e.recovery_id = r.id and e.event = 'opened'
          and e.detail ->> 'automatic' is null
      ) as is_opened
    from recoveries r
    where r.instance_id = ${instance.id} and r.requested_at > ${after(now, -FIGURES_DAYS * DAY_MS)}
      and r.origin <> 'invitation'
  )`;
}
