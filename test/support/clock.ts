import type { Clock } from "#lib/clock.ts";

/** The machine's time, moved by what a test adds to it. */
export class TestClock implements Clock {
  #offsetMs = 0;
  #frozenAt: Date | undefined;

  now(): Date {
    return this.#frozenAt ?? new Date(Date.now() + this.#offsetMs);
  }

  /** Time passes; nobody waits. */
  advance(ms: number): void {
    this.#offsetMs += ms;
    if (this.#frozenAt) this.#frozenAt = new Date(this.#frozenAt.getTime() + ms);
  }

  /** Stands still at a moment, for what must be exact to the millisecond, until `run`. */
  freezeAt(at: Date): void {
    this.#frozenAt = at;
  }

  run(): void {
    if (this.#frozenAt) this.#offsetMs = this.#frozenAt.getTime() - Date.now();
    this.#frozenAt = undefined;
  }
}
