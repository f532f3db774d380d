/**
 * `node slow-link.ts <mean ms> <jitter ms>`: two network devices, and between them a link that delays each packet on its
 * own, as `tc netem delay <mean> <jitter>` does where the kernel has it. Prints the devices' names as a line of JSON; the
 * devices are gone when it ends.
 *
 * @see https://docs.kernel.org/networking/tuntap.html
 */

import { dlopen } from 'node:ffi';
import { openSync, read, write } from 'node:fs';
import { promisify } from 'node:util';

const TUNSETIFF = 0x400454can;
const IFF_TUN = 0x0001;
/** Packets without four bytes about them in front. */
const IFF_NO_PI = 0x1000;
/** struct ifreq: the name in 16 bytes, then the flags. */
const IFREQ_BYTES = 40;
const NAME_BYTES = 16;
const PACKET_BYTES = 65_536;

const { functions } = dlopen(null, {
  ioctl: { arguments: ['i32', 'u64', 'buffer'], return: 'i32' },
});

function openDevice(): { fd: number; name: string } {
  const fd = openSync('/dev/net/tun', 'r+');
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write('bench-slow%d');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, NAME_BYTES);
  if (functions.ioctl(fd, TUNSETIFF, request) !== 0) throw new Error('no network device: this needs root');
  return { fd, name: request.toString('latin1', 0, request.indexOf(0)) };
}

async function forward(from: number, to: number, delayMs: () => number): Promise<never> {
  const buffer = Buffer.alloc(PACKET_BYTES);
  for (;;) {
    const { bytesRead } = await promisify(read)(from, buffer, 0, PACKET_BYTES, null);
    const packet = Buffer.from(buffer.subarray(0, bytesRead));
    // A device that is not up yet refuses its packets, as a cable does that nobody has plugged in.
    setTimeout(write, delayMs(), to, packet, () => {});
  }
}

const [meanMs = Number.NaN, jitterMs = Number.NaN] = process.argv.slice(2).map(Number);
const [one, other] = [openDevice(), openDevice()];
const delayMs = () => meanMs + (2 * Math.random() - 1) * jitterMs;
console.log(JSON.stringify([one.name, other.name]));
await Promise.all([forward(one.fd, other.fd, delayMs), forward(other.fd, one.fd, delayMs)]);
