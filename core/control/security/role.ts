/** What the holder of a certificate may do: `agent` generates load, `operator` starts and stops runs, `viewer` looks. */
export const ROLES = ['agent', 'operator', 'viewer'] as const;

export type Role = (typeof ROLES)[number];

/** Who calls, by the certificate that the TLS handshake has proven. */
export interface Identity {
  readonly role: Role;
  /** Serial number of the certificate, hexadecimal in lower case. */
  readonly serial: string;
}

/** How a role stands in a certificate: its subject's organisation, as Kubernetes has it for groups. */
export function organizationOf(role: Role): string {
  return `bench:${role}`;
}

/** @param organization of the subject; a list when it has several */
export function roleOf(organization: string | readonly string[] | undefined): Role | undefined {
  return ROLES.find((role) => [organization].flat().includes(organizationOf(role)));
}
