import type { DescService } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import type { HealthImplementation } from 'grpc-health-check';
import { addDeferredServices, type DeferredMethod } from '../../../proto/rpc/deferred-services.ts';

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const HEALTH: readonly DeferredMethod[] = [
  { path: '/grpc.health.v1.Health/Check', kind: 'unary' },
  { path: '/grpc.health.v1.Health/List', kind: 'unary' },
  { path: '/grpc.health.v1.Health/Watch', kind: 'server_streaming' },
];

/** https://github.com/grpc/grpc/blob/master/doc/server-reflection.md */
const REFLECTION: readonly DeferredMethod[] = ['v1', 'v1alpha'].map((version) => ({
  path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
  kind: 'bidi_streaming',
}));

/**
 * Adds what tools expect of any gRPC server: health and reflection. Their libraries are loaded when somebody asks; health then begins
 * with what it would be by that time.
 * @param services whose health is told, beside that of the whole server, and which reflection describes
 * @returns takes whether control serves; at first it does not
 */
export function addStandardServices(
  server: grpc.Server,
  services: readonly DescService[],
): (isServing: boolean) => void {
  const names = ['', ...services.map(({ typeName }) => typeName)];
  let status: 'SERVING' | 'NOT_SERVING' = 'NOT_SERVING';
  let health: HealthImplementation | undefined;
  addDeferredServices(server, HEALTH, async () => {
    // In the package, which is built, a package in CommonJS has its exports as its default alone.
    const { default: library } = await import('grpc-health-check');
    const loaded = new library.HealthImplementation(Object.fromEntries(names.map((name) => [name, status])));
    health = loaded;
    return (target) => loaded.addToServer(target as grpc.Server);
  });
  addDeferredServices(server, REFLECTION, async () => {
    const { addReflection } = await import('./reflection.ts');
    return (target) => addReflection(target, services);
  });
  return (isServing) => {
    status = isServing ? 'SERVING' : 'NOT_SERVING';
    for (const name of names) health?.setStatus(name, status);
  };
}
