import { createQueryId, type OperationNodeSource, PostgresQueryCompiler, type RootOperationNode } from "kysely";
import pg from "pg";

/** @returns the statement with its values in its text, for messages that have no other place for them. */
export function textOf(statement: OperationNodeSource): string {
  return new LiteralCompiler().compileQuery(statement.toOperationNode() as RootOperationNode, createQueryId()).sql;
}

class LiteralCompiler extends PostgresQueryCompiler {
  protected override appendValue(value: unknown): void {
    this.append(literalOf(value));
  }
}

/** @throws TypeError for what nobody has thought of: no value comes into a statement unescaped. */
function literalOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return String(value);
  if (typeof value === "string") return pg.escapeLiteral(value);
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  if (Buffer.isBuffer(value)) return `'\\x${value.toString("hex")}'::bytea`;
  if (Array.isArray(value)) return `array[${value.map(literalOf).join(", ")}]`;
  throw new TypeError(`a ${typeof value} has no literal`);
}
