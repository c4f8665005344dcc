import type { Random } from "./random.ts";

/** Texts that programs have stumbled over. */
const TEXTS: readonly string[] = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "x\udfff\ud800y",
  "a".repeat(10_000),
  "💥".repeat(600),
  "\uFDFA".repeat(200),
  "e\u0301".repeat(300),
  "İ",
  "\u202Egnp.exe",
  "\uFEFF",
  "\r\nSet-Cookie: a=b",
  "\u001b[31mred",
  "'; drop table users; --",
  "\\",
  "%",
  "_",
  "%00",
  "%ff%fe",
  "../../etc/passwd",
  "//evil.example",
  "/\\evil.example",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "${7*7}{{7*7}}",
  "null",
  "undefined",
  "NaN",
  "-1",
  "0",
  "1.5",
  "1e309",
  "99999999999999999999",
  "true",
  "[object Object]",
  "__proto__",
  "constructor",
  "toString",
  "name",
  "-last_sign_in_at",
  "role",
  "owner",
  "-infinity",
  "2024-02-30T00:00:00Z",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999+23:59",
  "2024-01-01T00:00:00.1234567890123Z",
  "00000000-0000-0000-0000-000000000000",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  "01890A5D-AC96-774B-BCCE-B302099A8057",
  "-".repeat(36),
  "{00000000-0000-7000-8000-000000000000}",
  "a@b",
  "a@b,c@d",
  "A <a@b>",
];

/** Bodies that are no object of ours, or no JSON at all. */
const BODIES: readonly (string | Buffer)[] = [
  "",
  " ",
  "null",
  "[]",
  "123",
  '"text"',
  "{",
  '{"a":',
  "{'a':1}",
  '{"a":1}{"b":2}',
  "\uFEFF{}",
  "NaN",
  "[".repeat(50_000),
  `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
  `{"identifier":${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}}`,
  '{"__proto__":{"role":"owner"},"identifier":"a","password":"b"}',
  '{"identifier":"a","identifier":"b","password":"c","password":"d"}',
  '{"identifier":"\\ud800","password":"\\udc00"}',
  '{"identifier":"\\u0000","password":"\\u0000"}',
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from('{"identifier":"\xff\xfe","password":"x"}', "latin1"),
  Buffer.from("identifier=%ff%fe&password=%00&=&&a[b]=c&__proto__=d"),
  Buffer.from('--x\r\nContent-Disposition: form-data; name="identifier"\r\n\r\nabc'),
  Buffer.from(
    '--x\r\nContent-Disposition: form-data; name="identifier"; filename="a"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x--\r\n',
  ),
  Buffer.alloc(300_000, 0x61),
];

const CONTENT_TYPES: readonly string[] = [
  "application/json",
  "application/json",
  "application/json; charset=utf-16",
  "APPLICATION/JSON;",
  "application/jsonp",
  "application/problem+json",
  "application/x-www-form-urlencoded",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "multipart/form-data; boundary=x",
  "text/plain",
  "text/plain; a=\xff",
  ";",
  "",
];

/** @returns a text that a careless program would stumble over. */
export function hostileText(random: Random): string {
  const text = random.pick(TEXTS);
  return random.happens(0.1) ? text + random.pick(TEXTS) : text;
}

/** @returns a value of any type that JSON knows. */
export function hostileValue(random: Random): unknown {
  if (random.happens(0.6)) return hostileText(random);
  return random.pick<unknown>([
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    [],
    {},
    ["a", "b"],
    Array.from({ length: 2_000 }, () => 0),
    JSON.parse('{"__proto__":{"role":"owner"}}'),
    { toString: "x", length: 5 },
  ]);
}

/** @returns a body of any bytes, with a content type that may or may not be its own. */
export function hostileBody(random: Random): { body: string | Buffer; type: string } {
  return { body: random.pick(BODIES), type: random.pick(CONTENT_TYPES) };
}

/** @returns the text as it may stand in an address: percent-encoded, sometimes to bytes that are no UTF-8. */
export function hostileInAddress(random: Random): string {
  if (random.happens(0.15))
    return random.pick(["%", "%ff", "%ED%A0%80", "%00", "%2e%2e%2f", "%u0041", "+", "a=b", ";"]);
  return encodeURIComponent(hostileText(random).toWellFormed()).slice(0, 4_000).replace(/%.?$/, "");
}
