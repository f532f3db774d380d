// Numbers as a person reads them: what core/verdict/quantity.ts makes, which a test compares.

/** Milliseconds without the unit. Percentiles have 3 digits and exact values up to 4; all digits before the point are shown. */
export function formatMs(us, digits = 3) {
  return us === null || us === undefined ? '–' : significant(us / 1e3, digits);
}

export function formatCount(count) {
  return grouped(Math.round(count).toString());
}

export function formatRate(perSecond, digits = 4) {
  return perSecond === null || perSecond === undefined ? '–' : significant(perSecond, digits);
}

/** Only a share of 1 is shown as 100 %, and only 0 as 0 %. */
export function formatShare(share, digits = 3) {
  const percent = share * 100;
  const rest = 100 - percent;
  if (percent > 99 && rest > 0) {
    const decimals = Math.min(10, Math.max(1, Math.ceil(-Math.log10(rest)) + digits - 2));
    return `${trimmed(percent.toFixed(decimals))}%`;
  }
  return `${significant(percent, digits)}%`;
}

/** A share of a resource in use, rounded to two digits. */
export function formatUsed(share) {
  return `${significant(share * 100, 2)}%`;
}

export function formatNumber(value, digits = 3) {
  return Number.isInteger(value) ? grouped(value.toString()) : significant(value, digits);
}

export function formatBytes(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${significant(bytes / 2 ** (10 * power), 3)} ${units[power]}`;
}

/** At least this many digits without trailing zeros, and all digits before the point. */
function significant(value, digits) {
  if (value === 0 || !Number.isFinite(value)) return Number.isFinite(value) ? '0' : '–';
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))));
  return grouped(trimmed(value.toFixed(Math.min(decimals, 20))));
}

function trimmed(digits) {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

/** Separates thousands from five digits on; four digits read well without. */
function grouped(digits) {
  const point = digits.indexOf('.');
  const whole = point < 0 ? digits : digits.slice(0, point);
  if (whole.length < (whole.startsWith('-') ? 6 : 5)) return digits;
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + digits.slice(whole.length);
}
