import { type DescFile, type DescService, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type * as grpc from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { service as health } from 'grpc-health-check';
import type { ServiceTarget } from '../../../proto/rpc/deferred-services.ts';

/** The part of a service definition loaded from a .proto file that this needs. */
interface Described {
  readonly requestType: { readonly fileDescriptorProtos: readonly Uint8Array[] };
}

type PackageDefinition = ConstructorParameters<typeof ReflectionService>[0];

const HEALTH = 'grpc.health.v1.Health';

/** Lets clients such as grpcurl discover these services and the health service (grpc.reflection.v1 and v1alpha). */
export function addReflection(target: ServiceTarget, services: readonly DescService[]): void {
  const files = new Set<DescFile>();
  const add = (file: DescFile) => {
    if (files.has(file)) return;
    for (const dependency of file.dependencies) add(dependency);
    files.add(file);
  };
  for (const { file } of services) add(file);
  const fileDescriptorProtos = [...files].map(({ proto }) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
  fileDescriptorProtos.push(...healthFiles());
  // The library reads only the descriptors of a definition.
  const definition = { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos };
  const names = [...services.map(({ typeName }) => typeName), HEALTH];
  const reflection = new ReflectionService({ bench: definition as PackageDefinition[string] }, { services: names });
  reflection.addToServer(target as grpc.Server);
}

/** The library's descriptor of a map breaks protobuf's rules, by which its entry is named after the field; this corrects it. */
function healthFiles(): Buffer<ArrayBuffer>[] {
  const { requestType } = health.Check as grpc.MethodDefinition<object, object> & Described;
  return requestType.fileDescriptorProtos.map((bytes) => {
    const file = fromBinary(FileDescriptorProtoSchema, bytes);
    for (const message of file.messageType) {
      for (const entry of message.nestedType) {
        if (!entry.options?.mapEntry || entry.name.endsWith('Entry')) continue;
        const name = `${entry.name}Entry`;
        for (const field of message.field) {
          if (field.typeName === entry.name) field.typeName = `.${file.package}.${message.name}.${name}`;
        }
        entry.name = name;
      }
    }
    return Buffer.from(toBinary(FileDescriptorProtoSchema, file));
  });
}
