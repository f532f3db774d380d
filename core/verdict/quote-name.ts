import { metricNamed } from './metric.ts';

/** A name as a criterion must write it: bare where that reads back as this name, else in quotes. */
export function quoteName(name: string): string {
  const isBare =
    /^[^\s<>=!"'\\:]+$/.test(name) && metricNamed(name) === undefined && !/^(response|service)_time$/.test(name);
  return isBare ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
}
