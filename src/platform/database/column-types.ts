import type { ColumnType, JSONColumnType } from "kysely";

/** Set when the row is written, never changed afterwards. */
export type Fixed<T> = ColumnType<T, T, never>;

/** Small facts kept beside a row. Never a secret: no password, token, link or key. */
export type Detail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Kept as JSON; written as its text. */
export type Json<T extends object> = JSONColumnType<T, string | undefined>;
