import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { DriverContext } from '../../../core/plugin.ts';
import type { Limited } from '../../net/deadline-wheel.ts';
import { type NetworkFailure, networkFailure } from '../../net/network-error.ts';
import type { TimeLimits } from '../exchange.ts';
import { newConnection } from './new-connection.ts';
import type { HttpOrigin } from './origin.ts';

interface FoundAddress {
  readonly address: string;
  readonly family: number;
}

/** Gives all addresses of a name, in the order in which they should be tried. */
export type ResolveName = (host: string) => Promise<readonly FoundAddress[]>;

const resolveName: ResolveName = (host) => lookup(host, { all: true, verbatim: true });

/** What came of one connection to an address. */
interface Probe {
  readonly ip: string;
  readonly family: number;
  /** Why the address cannot be used; undefined when it answered. */
  readonly failure: NetworkFailure | undefined;
}

export interface UsableAddresses {
  readonly ips: readonly string[];
  /** Those that do not answer, with the reason, such as `192.0.2.7 (connection refused)`. */
  readonly silent: readonly string[];
}

/**
 * Finds the addresses of an origin that its connections go to: those that answer and are of one family, that of the first
 * address that answers. So a name for both IPv4 and IPv6, such as `localhost`, means one server, and a name for several
 * servers means all of them.
 */
export class AddressLookup implements Limited {
  deadlineTick = 0;
  wheelIndex = -1;
  readonly #origin: HttpOrigin;
  readonly #limits: TimeLimits;
  readonly #context: DriverContext;
  readonly #resolve: ResolveName;

  constructor(origin: HttpOrigin, limits: TimeLimits, context: DriverContext, resolve = resolveName) {
    this.#origin = origin;
    this.#limits = limits;
    this.#context = context;
    this.#resolve = resolve;
  }

  /**
   * Looks up the addresses, tries those that are new, and gives the origin those that can be used.
   * @returns why there is none; the origin then keeps those that it has
   */
  async run(): Promise<UsableAddresses | NetworkFailure> {
    const found = await this.#addresses();
    if ('kind' in found) return found;
    const wanted = this.#wanted(found);
    if (wanted.length === 0) {
      const family = found.length === 0 ? '' : this.#familyName;
      return { kind: 'dns_not_found', reason: `the name has no ${family}address` };
    }
    const known = new Set(this.#origin.ips);
    const probes = await Promise.all(
      wanted.map(({ address: ip, family }) => {
        return known.has(ip) ? { ip, family, failure: undefined } : this.#probe(ip, family);
      }),
    );
    const first = probes.find(({ failure }) => failure === undefined);
    if (first === undefined) return probes[0]?.failure as NetworkFailure;
    const alike = probes.filter(({ family }) => family === first.family);
    const ips = alike.filter(({ failure }) => failure === undefined).map(({ ip }) => ip);
    this.#origin.ips = ips;
    const silent = alike.flatMap(({ ip, failure }) => (failure === undefined ? [] : [`${ip} (${failure.reason})`]));
    return { ips, silent };
  }

  /** Runs again each time that the addresses have held as long as the plan says. They hold longer while no new one answers. */
  repeat(): void {
    const { deadlines, settings, nextHop } = this.#origin;
    if (settings.dns.ttlMs === undefined || nextHop.isIp) return;
    this.deadlineTick = deadlines.after(settings.dns.ttlMs);
    deadlines.add(this);
  }

  overTime(): void {
    this.#origin.deadlines.remove(this);
    void this.run().then(() => this.repeat());
  }

  async #addresses(): Promise<readonly FoundAddress[] | NetworkFailure> {
    const { host, isIp } = this.#origin.nextHop;
    if (isIp) return [{ address: host, family: isIP(host) }];
    const { nowUs } = this.#context;
    const startedUs = nowUs();
    try {
      const found = await this.#resolve(host);
      this.#context.timing('http.dns').recordUs(nowUs() - startedUs);
      return found;
    } catch (error) {
      return networkFailure(error);
    }
  }

  /** Those that the plan allows, in the order in which it prefers them. */
  #wanted(found: readonly FoundAddress[]): readonly FoundAddress[] {
    const { localIps, dns } = this.#origin.settings;
    const [localIp] = localIps;
    const allowed = localIp === undefined ? found : found.filter(({ family }) => family === isIP(localIp));
    const ipv4 = allowed.filter(({ family }) => family === 4);
    const ipv6 = allowed.filter(({ family }) => family === 6);
    switch (dns.policy) {
      case 'any':
        return allowed;
      case 'prefer-ipv4':
        return [...ipv4, ...ipv6];
      case 'prefer-ipv6':
        return [...ipv6, ...ipv4];
      case 'only-ipv4':
        return ipv4;
      case 'only-ipv6':
        return ipv6;
    }
  }

  /** The family of addresses that is missing where there are only others. */
  get #familyName(): string {
    const { localIps, dns } = this.#origin.settings;
    const [localIp] = localIps;
    if (localIp !== undefined) return `IPv${isIP(localIp)} `;
    return dns.policy === 'only-ipv6' ? 'IPv6 ' : 'IPv4 ';
  }

  async #probe(ip: string, family: number): Promise<Probe> {
    const localIp = this.#origin.settings.localIps[0];
    const connection = newConnection(this.#origin, () => ({ ip, localIp }));
    await connection.connect(this.#limits, this.#origin.closing);
    connection.close();
    const { ok, errorKind, message } = connection.exchange;
    return { ip, family, failure: ok ? undefined : { kind: errorKind, reason: message } };
  }
}
