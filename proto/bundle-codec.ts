import type { MessageInitShape } from '@bufbuild/protobuf';
import type { BundleEntry } from '../core/plan/bundle.ts';
import { type BundleEntry as BundleEntryMessage, type BundleEntrySchema, BundleKind } from './gen/bench/v1/plan_pb.ts';

/** @param entries as they came: nothing about them has been checked but that they are modules or files */
export function bundleFromMessage(entries: readonly BundleEntryMessage[]): BundleEntry[] {
  return entries.map(({ kind, name, sha256, bytes }) => {
    return { kind: kind === BundleKind.MODULE ? 'module' : 'file', name, sha256, bytes };
  });
}

export function bundleToMessage(entries: readonly BundleEntry[]): MessageInitShape<typeof BundleEntrySchema>[] {
  return entries.map(({ kind, ...entry }) => {
    return { ...entry, kind: kind === 'module' ? BundleKind.MODULE : BundleKind.FILE };
  });
}
