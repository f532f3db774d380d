import { type DescFile, type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type * as grpc from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';

type PackageDefinition = ConstructorParameters<typeof ReflectionService>[0];

/** Lets clients such as grpcurl ask what the server's services are (grpc.reflection.v1 and v1alpha). */
export function addReflection(server: grpc.Server, services: readonly DescService[]): void {
  const files = new Set<DescFile>();
  const add = (file: DescFile) => {
    if (files.has(file)) return;
    for (const dependency of file.dependencies) add(dependency);
    files.add(file);
  };
  for (const { file } of services) add(file);
  const fileDescriptorProtos = [...files].map(({ proto }) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
  // Of a definition the library reads nothing but the descriptors.
  const definition = { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos };
  const names = services.map(({ typeName }) => typeName);
  new ReflectionService({ bench: definition as PackageDefinition[string] }, { services: names }).addToServer(server);
}
