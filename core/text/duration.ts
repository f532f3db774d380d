const UNIT_US: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 };
const PART = /(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d)/gy;

/**
 * Reads a duration such as `90s`, `1m30s`, `0.05s` or `250us`.
 * @returns whole microseconds, or undefined when the text is not a duration
 */
export function parseDurationUs(text: string): number | undefined {
  const source = text.trim();
  let totalUs = 0;
  let end = 0;
  PART.lastIndex = 0;
  for (let match = PART.exec(source); match; match = PART.exec(source)) {
    totalUs += Number(match[1]) * (UNIT_US[match[2] as string] as number);
    end = PART.lastIndex;
    if (end === source.length) break;
  }
  return end === source.length && end > 0 ? Math.round(totalUs) : undefined;
}

/** Writes a duration for people, in the form that {@link parseDurationUs} reads: `1m30s`, `250ms`, `73us`. */
export function formatDuration(durationUs: number): string {
  if (durationUs === 0) return '0s';
  if (durationUs < 1e3) return `${durationUs}us`;
  if (durationUs < 1e6) return `${durationUs / 1e3}ms`;
  let rest = durationUs;
  let text = '';
  for (const unit of ['d', 'h', 'm']) {
    const whole = Math.floor(rest / (UNIT_US[unit] as number));
    if (whole > 0) text += `${whole}${unit}`;
    rest -= whole * (UNIT_US[unit] as number);
  }
  return rest > 0 ? `${text}${rest / 1e6}s` : text;
}
