import { z } from 'zod';
import { MAX_DURATION_US, MAX_RATE_PER_SECOND } from '../agent-limits.ts';
import { formatDuration, parseDurationUs } from '../text/duration.ts';
import { nearest } from '../text/nearest.ts';
import { mustBe, referenceHint, shown } from './messages.ts';

/** More unknown keys of one object than this are counted but not listed. */
const MAX_UNKNOWN_KEYS = 5;

/** An object with these keys and no others; for an unknown key its message suggests the nearest known one. */
export function object<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const listed = issue.keys.slice(0, MAX_UNKNOWN_KEYS).map((key) => {
        const guess = nearest(key, known);
        const hint = guess ? `did you mean "${guess}"?` : `known here: ${known.join(', ') || 'none'}`;
        return `unknown key ${shown(key)}; ${hint}`;
      });
      const more = issue.keys.length - listed.length;
      return [...listed, ...(more > 0 ? [`There are ${more} more unknown keys`] : [])].join('. ');
    },
  });
}

const DURATION_PATTERN = '^\\s*(\\d+(\\.\\d+)?(us|µs|ms|s|m|h|d))+\\s*$';

/** A duration with a unit, parsed into whole microseconds. */
export const duration = z
  .string({ error: (issue) => mustBe('a duration with a unit, such as "90s" or "250ms"', issue.input) })
  .meta({ pattern: DURATION_PATTERN, examples: ['90s', '250ms', '1m30s'] })
  .transform((text, context) => {
    const us = parseDurationUs(text);
    if (us !== undefined && us <= MAX_DURATION_US) return us;
    context.addIssue({
      code: 'custom',
      message:
        us !== undefined
          ? `must be at most ${formatDuration(MAX_DURATION_US)}, not ${shown(text)}`
          : `"${text}" is not a duration: write a number and a unit (us, ms, s, m, h, d), such as "90s" or "250ms"${referenceHint(text)}`,
    });
    return z.NEVER;
  });

export const positiveDuration = duration.refine((us) => us > 0, { error: 'must be longer than 0', abort: true });

const RATE = /^\s*(\d+(?:\.\d+)?)\s*\/\s*(s|m|h)\s*$/;
const RATE_UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** A rate: a number per second, or text such as `"600/m"`; parsed into a number per second. */
export const rate = z
  .union([z.number(), z.string()], {
    error: (issue) => mustBe('a rate such as 100 or "100/s"', issue.input),
  })
  .transform((value, context) => {
    const match = typeof value === 'string' ? RATE.exec(value) : undefined;
    const perSecond =
      typeof value === 'number'
        ? value
        : match
          ? Number(match[1]) / (RATE_UNIT_S[match[2] as string] as number)
          : Number.NaN;
    const wrong = Number.isNaN(perSecond)
      ? `"${value}" is not a rate: write a number per second, or a number with /s, /m or /h, such as "600/m"${referenceHint(value)}`
      : perSecond < 0
        ? `must not be negative, not ${value}`
        : perSecond > MAX_RATE_PER_SECOND
          ? `must be at most ${MAX_RATE_PER_SECOND} per second, not ${value}`
          : undefined;
    if (wrong === undefined) return perSecond;
    context.addIssue({ code: 'custom', message: wrong });
    return z.NEVER;
  });

export const positiveRate = rate.refine((perSecond) => perSecond > 0, { error: 'must be more than 0', abort: true });

/** A share above 0 and up to 100 %, as text with a percent sign; parsed into a number up to 1. */
export const percentage = z
  .string({ error: (issue) => mustBe('a percentage such as "5%"', issue.input) })
  .transform((text, context) => {
    const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text)?.[1];
    const share = percent === undefined ? 0 : Number(`${percent}e-2`);
    if (share > 0 && share <= 1) return share;
    context.addIssue({
      code: 'custom',
      message: `must be a percentage above 0% and up to 100%, such as "5%", not ${shown(text)}${referenceHint(text)}`,
    });
    return z.NEVER;
  });

export function wholeNumber(least: number, most: number) {
  const error = (issue: { input?: unknown }) => mustBe(`a whole number from ${least} to ${most}`, issue.input);
  return z.int({ error }).min(least, { error }).max(most, { error });
}
