/** The lightness and the strength of the accent, the same two numbers as `--accent` in styles/tokens.css. */
const LIGHTNESS = 0.47;
const CHROMA = 0.11;

/** Turns an instance's hue (degrees, as in oklch) into the hex colour of its accent, for mails, which know no oklch. */
export function accentHex(hue: number): string {
  for (let chroma = CHROMA; chroma > 0; chroma -= 0.005) {
    const channels = linearChannels(LIGHTNESS, chroma, hue);
    if (channels.every((channel) => channel >= 0 && channel <= 1)) return `#${channels.map(hexChannel).join("")}`;
  }
  return "#555555";
}

/** Björn Ottosson, "A perceptual color space for image processing" (2020), https://bottosson.github.io/posts/oklab/ */
function linearChannels(lightness: number, chroma: number, hue: number): readonly number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function hexChannel(linear: number): string {
  const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(encoded * 255)
    .toString(16)
    .padStart(2, "0");
}
