import type { Family, Sample } from "./exposition.ts";

/** From the upper end of what a page takes to what nobody waits for: the defaults of Prometheus' own clients. */
const BOUNDS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How long this process took to answer. */
export interface RequestTimes {
  /** One more request was answered. */
  count(answer: { status: number; tookMs: number }): void;
  read(): Family;
}

/** How many answers took how long. */
interface Times {
  /** By the number of the first bound that was not exceeded; the last holds those above every bound. */
  readonly counts: number[];
  sumSeconds: number;
}

/** @returns times that begin at nothing. */
export function watchRequests(): RequestTimes {
  const byClass = new Map<string, Times>(["2xx", "3xx", "4xx", "5xx"].map((status) => [status, noTimes()]));
  return {
    count({ status, tookMs }) {
      const times = byClass.get(`${Math.floor(status / 100)}xx`);
      if (!times) return;
      const seconds = tookMs / 1_000;
      const bound = BOUNDS_SECONDS.findIndex((each) => seconds <= each);
      const place = bound === -1 ? BOUNDS_SECONDS.length : bound;
      times.counts[place] = (times.counts[place] ?? 0) + 1;
      times.sumSeconds += seconds;
    },
    read: () => ({
      name: "rekey_http_request_duration_seconds",
      type: "histogram",
      help: "How long this process took until it began to answer, by class of status.",
      samples: [...byClass].flatMap(([status, times]) => samplesOf(status, times)),
    }),
  };
}

function noTimes(): Times {
  return { counts: Array.from({ length: BOUNDS_SECONDS.length + 1 }, () => 0), sumSeconds: 0 };
}

/** Each bucket holds those of the smaller ones, too. */
function samplesOf(status: string, { counts, sumSeconds }: Times): readonly Sample[] {
  let total = 0;
  const buckets = counts.map((count, place) => {
    total += count;
    const le = BOUNDS_SECONDS[place]?.toString() ?? "+Inf";
    return { part: "bucket", labels: { status, le }, value: total } as const;
  });
  return [
    ...buckets,
    { part: "sum", labels: { status }, value: sumSeconds },
    { part: "count", labels: { status }, value: total },
  ];
}
