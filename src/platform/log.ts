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
 * Writes one JSON object a line. JSON escapes every control character, so nothing that is logged can forge a line or colour a
 * terminal (OWASP Logging Cheat Sheet, "Data to exclude" and "Injection").
 */
export function jsonLog(level: LogLevel, write: (line: string) => void): Log {
  const least = LEVELS.indexOf(level);
  const at =
    (name: LogLevel) =>
    (sentence: string, fields: Fields = {}) => {
      if (LEVELS.indexOf(name) < least) return;
      write(`${JSON.stringify({ time: new Date().toISOString(), level: name, message: sentence, ...fields })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
