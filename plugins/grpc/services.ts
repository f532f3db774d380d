import { create, createFileRegistry, type DescMethod, fromBinary, type Registry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { errorMessage } from '../../core/error.ts';
import { authorsPath, planPath, readPlanFile } from '../../core/plan-files.ts';
import type { SchemaIssue } from '../../core/plugin.ts';
import { nearest } from '../../core/text/nearest.ts';
import { fileDescriptor } from './file-descriptor.ts';
import { listed } from './listed.ts';
import { type ProtoSource, readProtoFiles } from './proto-files.ts';

const MAX_DESCRIPTOR_BYTES = 64 << 20;

/** What a plan says about where services are described. */
export interface ServiceSource extends ProtoSource {
  /** A file that protoc or buf has made; undefined for .proto files. */
  readonly descriptorSet?: string | undefined;
}

/** The services that a plan may call, and the types of their messages. */
export interface Services {
  readonly registry: Registry;
  readonly problems: readonly SchemaIssue[];
}

const NOTHING = createFileRegistry(create(FileDescriptorSetSchema));

/** @param baseDirectory the plan's folder. What is wrong with the files is told in the answer, with its place in the options. */
export function readServices(source: ServiceSource, baseDirectory: string): Services {
  return source.descriptorSet === undefined
    ? fromProtoFiles(source, baseDirectory)
    : fromDescriptorSet(source.descriptorSet, baseDirectory);
}

/** The files that describe the services, by their names in the plan. */
export function serviceFiles(source: ServiceSource, baseDirectory: string): readonly string[] {
  return source.descriptorSet === undefined ? readProtoFiles(source, baseDirectory).names : [source.descriptorSet];
}

function fromProtoFiles(source: ServiceSource, baseDirectory: string): Services {
  const { files, problems } = readProtoFiles(source, baseDirectory);
  if (problems.length > 0) return { registry: NOTHING, problems };
  try {
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files.map(fileDescriptor) }));
    return { registry, problems };
  } catch (error) {
    return { registry: NOTHING, problems: [{ path: ['proto'], message: errorMessage(error) }] };
  }
}

function fromDescriptorSet(file: string, baseDirectory: string): Services {
  const path = planPath(baseDirectory, file);
  const problem = (message: string): Services => {
    return { registry: NOTHING, problems: [{ path: ['descriptorSet'], message: `${authorsPath(path)} ${message}` }] };
  };
  let bytes: Buffer;
  try {
    bytes = readPlanFile(path, MAX_DESCRIPTOR_BYTES);
  } catch (error) {
    return problem(`cannot be read: ${errorMessage(error)}`);
  }
  try {
    const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
    if ([...registry].length > 0) return { registry, problems: [] };
    return problem('describes nothing');
  } catch (error) {
    const made = 'protoc --include_imports --descriptor_set_out makes one';
    return problem(`is no whole descriptor set (${errorMessage(error)}): ${made}`);
  }
}

/** @returns the method with this name, such as `greeter.Greeter/SayHello`, or what is wrong with it */
export function findMethod(registry: Registry, name: string): DescMethod | string {
  const methods = [...registry].flatMap((one) => (one.kind === 'service' ? one.methods : []));
  const found = methods.find((method) => nameOf(method) === name);
  if (found !== undefined)
    return found.methodKind === 'unary' ? found : `${name} ${streams(found)}: only unary methods can be called`;
  const unary = methods.filter(({ methodKind }) => methodKind === 'unary').map(nameOf);
  if (unary.length === 0) return `there is no method ${name}: the files have no unary method`;
  const guess = nearest(name, unary);
  return `there is no method ${name}; ${guess === undefined ? `known: ${listed(unary)}` : `did you mean ${guess}?`}`;
}

function nameOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}

function streams({ methodKind }: DescMethod): string {
  if (methodKind === 'server_streaming') return 'answers with a stream';
  return methodKind === 'client_streaming' ? 'takes a stream' : 'takes a stream and answers with one';
}
