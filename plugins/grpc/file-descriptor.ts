import { create } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  Edition,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  FeatureSet_FieldPresence,
  FeatureSet_MessageEncoding,
  FeatureSet_RepeatedFieldEncoding,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  type ServiceDescriptorProto,
  ServiceDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import type { ProtoFile } from './proto-files.ts';

const SCALARS: Readonly<Record<string, FieldDescriptorProto_Type>> = {
  double: FieldDescriptorProto_Type.DOUBLE,
  float: FieldDescriptorProto_Type.FLOAT,
  int64: FieldDescriptorProto_Type.INT64,
  uint64: FieldDescriptorProto_Type.UINT64,
  int32: FieldDescriptorProto_Type.INT32,
  fixed64: FieldDescriptorProto_Type.FIXED64,
  fixed32: FieldDescriptorProto_Type.FIXED32,
  bool: FieldDescriptorProto_Type.BOOL,
  string: FieldDescriptorProto_Type.STRING,
  bytes: FieldDescriptorProto_Type.BYTES,
  uint32: FieldDescriptorProto_Type.UINT32,
  sfixed32: FieldDescriptorProto_Type.SFIXED32,
  sfixed64: FieldDescriptorProto_Type.SFIXED64,
  sint32: FieldDescriptorProto_Type.SINT32,
  sint64: FieldDescriptorProto_Type.SINT64,
};

/**
 * What protoc would make of a file, as far as encoding and JSON need it: one of edition 2023, whose fields say themselves how
 * they are encoded, whatever the syntax of the source. Extensions are left out.
 * The parser's own conversion is not used: it gives names that are not those of protoc to entries of maps, and knows no JSON names.
 * @see https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto
 */
export function fileDescriptor({ name, declared }: ProtoFile): FileDescriptorProto {
  return create(FileDescriptorProtoSchema, {
    name,
    package: declared[0]?.parent?.fullName.slice(1) ?? '',
    syntax: 'editions',
    edition: Edition.EDITION_2023,
    messageType: typesIn(declared).map(message),
    enumType: enumsIn(declared).map(enumeration),
    service: declared.filter((one) => one instanceof protobuf.Service).map(service),
  });
}

const typesIn = (all: readonly protobuf.ReflectionObject[]) => all.filter((one) => one instanceof protobuf.Type);
const enumsIn = (all: readonly protobuf.ReflectionObject[]) => all.filter((one) => one instanceof protobuf.Enum);

function message(type: protobuf.Type): DescriptorProto {
  // A field with `optional` of proto3 is the only one of a oneof that its author has not written.
  const oneofs = type.oneofsArray.filter((oneof) => !oneof.isProto3Optional);
  // Extensions stand among the fields of what they extend.
  const fields = type.fieldsArray.filter(({ declaringField }) => !declaringField);
  const maps = fields.filter((one) => one instanceof protobuf.MapField);
  return create(DescriptorProtoSchema, {
    name: type.name,
    field: fields.map((one) => field(one, type, oneofs)),
    nestedType: [...maps.map(mapEntry), ...typesIn(type.nestedArray).map(message)],
    enumType: enumsIn(type.nestedArray).map(enumeration),
    oneofDecl: oneofs.map(({ name }) => ({ name })),
  });
}

function field(
  one: protobuf.Field,
  { fullName }: protobuf.Type,
  oneofs: readonly protobuf.OneOf[],
): FieldDescriptorProto {
  const isMap = one instanceof protobuf.MapField;
  const oneofIndex = one.partOf === null ? -1 : oneofs.indexOf(one.partOf);
  const presence = one.required
    ? FeatureSet_FieldPresence.LEGACY_REQUIRED
    : one.hasPresence
      ? FeatureSet_FieldPresence.EXPLICIT
      : FeatureSet_FieldPresence.IMPLICIT;
  const { json_name: jsonName } = one.options ?? {};
  return create(FieldDescriptorProtoSchema, {
    name: one.name,
    number: one.id,
    label: isMap || one.repeated ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
    type: isMap ? FieldDescriptorProto_Type.MESSAGE : typeOf(one),
    ...(isMap && { typeName: `${fullName}.${entryName(one)}` }),
    ...(!isMap && one.resolvedType && { typeName: one.resolvedType.fullName }),
    ...(oneofIndex >= 0 && { oneofIndex }),
    jsonName:
      typeof jsonName === 'string' ? jsonName : one.name.replaceAll(/_+(.?)/g, (_, next: string) => next.toUpperCase()),
    options: {
      features: {
        fieldPresence: presence,
        repeatedFieldEncoding: one.packed
          ? FeatureSet_RepeatedFieldEncoding.PACKED
          : FeatureSet_RepeatedFieldEncoding.EXPANDED,
        messageEncoding: one.delimited
          ? FeatureSet_MessageEncoding.DELIMITED
          : FeatureSet_MessageEncoding.LENGTH_PREFIXED,
      },
    },
  });
}

function mapEntry(map: protobuf.MapField): DescriptorProto {
  const label = FieldDescriptorProto_Label.OPTIONAL;
  return create(DescriptorProtoSchema, {
    name: entryName(map),
    options: { mapEntry: true },
    field: [
      { name: 'key', number: 1, label, type: SCALARS[map.keyType] as FieldDescriptorProto_Type },
      {
        name: 'value',
        number: 2,
        label,
        type: typeOf(map),
        ...(map.resolvedType && { typeName: map.resolvedType.fullName }),
      },
    ],
  });
}

/** As protoc names it, so that it differs from every message that an author would write. */
function entryName({ name }: { readonly name: string }): string {
  return `${name.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}Entry`;
}

function typeOf({ type, resolvedType }: Pick<protobuf.Field, 'type' | 'resolvedType'>): FieldDescriptorProto_Type {
  if (resolvedType === null) return SCALARS[type] as FieldDescriptorProto_Type;
  return resolvedType instanceof protobuf.Enum ? FieldDescriptorProto_Type.ENUM : FieldDescriptorProto_Type.MESSAGE;
}

function enumeration({ name, values }: protobuf.Enum): EnumDescriptorProto {
  return create(EnumDescriptorProtoSchema, {
    name,
    value: Object.entries(values).map(([name, number]) => ({ name, number })),
  });
}

function service({ name, methodsArray }: protobuf.Service): ServiceDescriptorProto {
  return create(ServiceDescriptorProtoSchema, {
    name,
    method: methodsArray.map((method) => ({
      name: method.name,
      inputType: method.resolvedRequestType?.fullName ?? method.requestType,
      outputType: method.resolvedResponseType?.fullName ?? method.responseType,
      clientStreaming: method.requestStream === true,
      serverStreaming: method.responseStream === true,
    })),
  });
}
