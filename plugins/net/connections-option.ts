import { z } from 'zod';
import { object, wholeNumber } from '../../core/plan/fields.ts';
import { mustBe } from '../../core/plan/messages.ts';

/**
 * The option `connections` of drivers: one for each virtual user by default, or a pool that those of an agent process share.
 * @param ways in words, `per-user` among them
 */
export function connectionsOption<const Ways extends readonly ['per-user', ...string[]]>(
  ways: Ways,
  mostInPool: number,
) {
  const wanted = `${ways.join(', ')}, or { pool: 20 } with at most ${mostInPool}`;
  return z
    .union([z.enum(ways), object({ pool: wholeNumber(1, mostInPool) })], {
      error: ({ input }) =>
        typeof input === 'number'
          ? `must be { pool: ${input} } for ${input} connections that virtual users share`
          : mustBe(wanted, input),
    })
    .default('per-user');
}
