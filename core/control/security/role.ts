/** What the holder of a certificate may do: an `agent` generates load, an `operator` starts and stops runs, a `viewer` reads. */
export const ROLES = ['agent', 'operator', 'viewer'] as const;

export type Role = (typeof ROLES)[number];

/** Who is calling, according to a certificate whose private key the caller has proven to hold. */
export interface Identity {
  readonly role: Role;
  /** Serial number of the certificate, hexadecimal in lower case. */
  readonly serial: string;
}

/** The organisation in a certificate's subject that stands for the role; Kubernetes encodes groups in the same way. */
export function organizationOf(role: Role): string {
  return `bench:${role}`;
}

/** @param organization of the certificate's subject; a list when it has several */
export function roleOf(organization: string | readonly string[] | undefined): Role | undefined {
  return ROLES.find((role) => [organization].flat().includes(organizationOf(role)));
}
