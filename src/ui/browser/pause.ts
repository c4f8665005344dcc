/** Nobody likes to be corrected in the middle of a word. */
const PAUSE_MS = 400;

const timers = new Map<string, number>();

/** Does it once nothing of that name was asked for during a pause. */
export function afterPause(name: string, act: () => void): void {
  clearTimeout(timers.get(name));
  timers.set(name, window.setTimeout(act, PAUSE_MS));
}
