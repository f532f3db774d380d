import { z } from 'zod';
import { object, positiveDuration } from '../../core/plan/fields.ts';
import { shown } from '../../core/plan/messages.ts';
import type { HttpSettings } from './client.ts';

const file = z.string().min(1);

/** A path without placeholders. */
export const plainPath = z.string().regex(/^\/[!-~]*$/, {
  error: (issue) =>
    `must begin with / and contain no spaces, not ${shown(issue.input)}; the host comes from the target`,
});

/** The options that all HTTP drivers share. */
export const connectionOptions = {
  timeout: positiveDuration.default(30_000_000).describe('Time limit for the complete answer. Default: 30s.'),
  connectTimeout: positiveDuration.default(10_000_000).describe('Time limit for TCP and TLS together. Default: 10s.'),
  connection: z
    .enum(['keep-alive', 'per-request'])
    .default('keep-alive')
    .describe('Keep one connection for each virtual user, or open a new one for each request.'),
  tls: object({
    ca: file.optional().describe('PEM file of the authorities to trust instead of the usual ones.'),
    cert: file.optional().describe("PEM file of the client's certificate."),
    key: file.optional().describe("PEM file of the client's private key."),
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe("Name to request and to check in the certificate. Default: the target's host."),
    insecure: z.boolean().default(false).describe('Accept any certificate.'),
    resumption: z
      .boolean()
      .default(true)
      .describe("Let a virtual user's later handshakes resume its first (not on Deno)."),
  })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
      error: 'a client certificate needs both cert and key',
    })
    .optional()
    .describe('For https targets.'),
};

const schema = object(connectionOptions);
export type ConnectionOptions = z.output<typeof schema>;

/** @param http2 instead of HTTP/1.1 */
export function httpSettings(options: ConnectionOptions, http2 = false): HttpSettings {
  return {
    timeoutMs: options.timeout / 1000,
    connectTimeoutMs: options.connectTimeout / 1000,
    connectionPerRequest: options.connection === 'per-request',
    http2,
    tls: options.tls,
  };
}
