/** @returns the statements that put a table behind the wall: row-level security, forced, for the instance of the transaction. */
export const wall = (table: string): string => `
  alter table ${table} enable row level security;
  alter table ${table} force row level security;
  create policy ${table}_wall on ${table} to rekey_app
    using (instance_id = nullif(current_setting('rekey.instance_id', true), '')::uuid)
    with check (instance_id = nullif(current_setting('rekey.instance_id', true), '')::uuid)`;
