import type { JSX } from "hono/jsx/jsx-runtime";

/** How long things took in one stretch of time. */
export interface SpreadColumn {
  /** What the stretch is called, such as "14:00". */
  readonly label: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly count: number;
}

export interface SpreadChartProps {
  /** Says in a sentence what the picture shows. */
  readonly title: string;
  /** Every stretch in its order; undefined where nothing happened. */
  readonly columns: readonly (SpreadColumn | undefined)[];
  /** The name of every so many stretches stands below; undefined leaves the place empty. */
  readonly axis: readonly (string | undefined)[];
  /** From here on it took too long. */
  readonly limitMs: number;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [720, 190, 52, 22, 12];
const [SHORTEST_MS, LONGEST_MS] = [100, 3_600_000];
const LINES = [
  { ms: 1_000, label: "1 s" },
  { ms: 10_000, label: "10 s" },
  { ms: 60_000, label: "1 min" },
  { ms: 600_000, label: "10 min" },
  { ms: 3_600_000, label: "1 h" },
] as const;

/**
 * Draws how long things took, stretch by stretch: a bar from the median to what nineteen of twenty did not exceed, on a
 * logarithmic scale, since seconds and hours both matter. The same stands in a table below it for who cannot see it.
 */
export function SpreadChart(props: SpreadChartProps): JSX.Element {
  const { title, columns, axis, limitMs } = props;
  const width = (WIDTH - LEFT) / columns.length;
  return (
    <figure class="chart">
      <div class="chart-picture chart-of-time" role="group" aria-label="Picture" tabindex={0}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
          {LINES.map(({ ms, label }) => (
            <>
              <line class="chart-line" x1={LEFT} x2={WIDTH} y1={heightOf(ms)} y2={heightOf(ms)} />
              <text class="chart-label" x={LEFT - 8} y={heightOf(ms) + 4} text-anchor="end">
                {label}
              </text>
            </>
          ))}
          <line class="chart-limit" x1={LEFT} x2={WIDTH} y1={heightOf(limitMs)} y2={heightOf(limitMs)} />
          {columns.map(
            (column, at) => column && <Bar {...column} x={LEFT + at * width} width={width} limitMs={limitMs} />,
          )}
          {axis.map((label, at) => label && <AxisLabel label={label} x={LEFT + (at + 0.5) * width} />)}
        </svg>
      </div>
      <details class="chart-table">
        <summary>As a table</summary>
        <SpreadTable {...props} />
      </details>
    </figure>
  );
}

function Bar({
  p50Ms,
  p95Ms,
  x,
  width,
  limitMs,
}: SpreadColumn & { readonly x: number; readonly width: number; readonly limitMs: number }): JSX.Element {
  const [top, middle] = [heightOf(p95Ms), heightOf(p50Ms)];
  const side = Math.min(12, width * 0.6);
  return (
    <g class={p95Ms >= limitMs ? "chart-bar chart-bar-slow" : "chart-bar"}>
      <rect x={x + (width - side) / 2} y={top - 2} width={side} height={Math.max(4, middle - top + 4)} rx="2" />
      <circle cx={x + width / 2} cy={middle} r="3.5" />
    </g>
  );
}

function AxisLabel({ label, x }: { readonly label: string; readonly x: number }): JSX.Element {
  return (
    <text class="chart-label" x={x} y={HEIGHT - 6} text-anchor="middle">
      {label}
    </text>
  );
}

function SpreadTable({ title, columns }: SpreadChartProps): JSX.Element {
  const filled = columns.filter((column) => column !== undefined);
  return (
    <table class="chart-figures">
      <caption class="visually-hidden">{title}</caption>
      <thead>
        <tr>
          {["From", "Mails", "Half within", "19 of 20 within"].map((label) => (
            <th scope="col">{label}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {filled.map(({ label, count, p50Ms, p95Ms }) => (
          <tr>
            <th scope="row">{label}</th>
            <td>{count}</td>
            <td>{durationWords(p50Ms)}</td>
            <td>{durationWords(p95Ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** @returns how far below the top edge a duration is drawn. */
function heightOf(ms: number): number {
  const within = Math.min(Math.max(ms, SHORTEST_MS), LONGEST_MS);
  const share = Math.log(within / SHORTEST_MS) / Math.log(LONGEST_MS / SHORTEST_MS);
  return Math.round((HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)) * 10) / 10;
}

/** @returns a duration in words: "0.4 s", "12 s", "3 min", "2 h". */
export function durationWords(ms: number): string {
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 99_500) return `${Math.round(ms / 1_000)} s`;
  if (ms < 5_970_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
