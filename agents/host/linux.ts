import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';

/** A file that the Linux kernel makes, such as /proc/meminfo; undefined on other systems. */
export function readKernelFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Memory that processes could still get. Linux counts caches as used in `freemem`; the kernel's own estimate does not. */
export function availableMemoryBytes(): number {
  const kilobytes = readKernelFile('/proc/meminfo')?.match(/^MemAvailable:\s+(\d+) kB/m)?.[1];
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
}
