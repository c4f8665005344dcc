/** The media type of what `expose` writes (Prometheus, "Exposition formats", text-based format). */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One figure, or the same figure for each value of its labels. */
export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** One line. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Which part of a histogram it is. */
  readonly part?: "bucket" | "sum" | "count";
  /** Words of ours, in which nothing needs an escape. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** @returns the families as Prometheus reads them. */
export function expose(families: readonly Family[]): string {
  return families.map((family) => `${linesOf(family).join("\n")}\n`).join("");
}

function linesOf({ name, type, help, samples }: Family): readonly string[] {
  const lines = samples.map(({ part, labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, word]) => `${label}="${word}"`);
    return `${name}${part ? `_${part}` : ""}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}
