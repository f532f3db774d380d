import { InvalidArgumentError, type Option } from 'commander';
import { flag } from './flags.ts';

/** @returns requests per second above 0 */
export function perSecond(text: string): number {
  const value = positive(text.replace(/\s*(?:\/s|rps)\s*$/, ''));
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number of requests per second above 0, such as 1000.');
}

/** How many requests per second all machines must take together. */
export function needFlag(description: string): Option {
  return flag('--need <per second>', description).argParser(perSecond);
}

/** How many times as many machines. */
export function reserveFlag(): Option {
  return flag('--reserve <times>', 'with --need: how many times as many machines').argParser((text: string) => {
    const value = positive(text);
    if (value >= 1) return value;
    throw new InvalidArgumentError('It must be a number from 1, such as 2.');
  });
}

/** @returns NaN for what is no number */
export function positive(text: string): number {
  return /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
}
