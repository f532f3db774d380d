/** What every answer says to browsers. @param framedBy origins whose pages may show this one in a frame */
export function securityHeaders(framedBy: readonly string[]): Readonly<Record<string, string>> {
  const frames = framedBy.length === 0 ? "'none'" : framedBy.join(' ');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${frames}`,
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
}
