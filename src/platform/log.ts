/** What a log line may carry beside its sentence. Never a secret, an address path, or what somebody typed. */
type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  debug(sentence: string, fields?: Fields): void;
  info(sentence: string, fields?: Fields): void;
  warn(sentence: string, fields?: Fields): void;
  error(sentence: string, fields?: Fields): void;
}

const LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** @returns whether the word names a level. */
export function isLogLevel(word: string): word is LogLevel {
  return LEVELS.some((level) => level === word);
}

/**
 * Writes one JSON object a line. Nothing that is logged can forge a line or colour a terminal (OWASP Logging Cheat Sheet, "Data
 * to exclude" and "Injection").
 */
export function jsonLog(level: LogLevel, write: (line: string) => void): Log {
  const least = LEVELS.indexOf(level);
  const at =
    (name: LogLevel) =>
    (sentence: string, fields: Fields = {}) => {
      if (LEVELS.indexOf(name) < least) return;
      write(`${asLine({ time: new Date().toISOString(), level: name, message: sentence, ...fields })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** JSON escapes the control characters below U+0020 alone; DEL, those of C1 and two line ends of Unicode it leaves as they are. */
function asLine(entry: Fields): string {
  return JSON.stringify(entry).replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
