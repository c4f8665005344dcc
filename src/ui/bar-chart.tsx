import type { JSX } from "hono/jsx/jsx-runtime";

export interface Bar {
  readonly label: string;
  readonly count: number;
  /** What is behind it. */
  readonly href: string;
}

const [WIDTH, HEIGHT, BOTTOM, TOP] = [720, 170, 24, 22];

/** Draws how many there are of each, side by side; each bar leads to what is behind it. The links say the same in words. */
export function BarChart({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }): JSX.Element {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const width = WIDTH / bars.length;
  return (
    <figure class="chart">
      <div class="chart-picture" role="group" aria-label="Picture" tabindex={0}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label={title}>
          <line class="chart-line" x1={0} x2={WIDTH} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
          {bars.map((bar, index) => (
            <Column {...bar} x={(index + 0.5) * width} width={width} share={bar.count / most} />
          ))}
        </svg>
      </div>
    </figure>
  );
}

function Column(props: Bar & { readonly x: number; readonly width: number; readonly share: number }): JSX.Element {
  const { label, count, href, x, width, share } = props;
  const height = Math.round(share * (HEIGHT - BOTTOM - TOP));
  const side = Math.min(72, width * 0.6);
  const top = HEIGHT - BOTTOM - height;
  return (
    <a href={href} class="chart-count">
      <rect class="chart-target" x={x - width / 2} y={0} width={width} height={HEIGHT} />
      <rect class="chart-column" x={x - side / 2} y={top} width={side} height={height} rx="3" />
      <text class="chart-label" x={x} y={HEIGHT - 7} text-anchor="middle">
        {label}
      </text>
      <text class="chart-value" x={x} y={top - 6} text-anchor="middle">
        {count}
      </text>
    </a>
  );
}
