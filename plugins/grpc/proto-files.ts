import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { errorMessage } from '../../core/error.ts';
import { authorsPath, planPath, readPlanFile } from '../../core/plan-files.ts';
import type { SchemaIssue } from '../../core/plugin.ts';
import { decodeUtf8 } from '../../core/text/utf8.ts';

const MAX_FILE_BYTES = 16 << 20;
/** A description of a service that needs more files than this contains a mistake. */
const MAX_FILES = 2000;

/** It declares what options can be made for. The parser knows it apart from Google's other files. */
const DESCRIPTOR = 'google/protobuf/descriptor.proto';

/** One .proto file as it is read. */
export interface ProtoFile {
  /** As the plan has it, or would have it: relative to its folder, or absolute. For a file of Google's, what others import it by. */
  readonly name: string;
  /** What it declares itself, in the order in which it does. */
  readonly declared: readonly protobuf.ReflectionObject[];
}

/** Where a plan says that the .proto files are. */
export interface ProtoSource {
  readonly proto: readonly string[];
  /** Folders in which imports are looked for, before those of the files that the plan names. */
  readonly importPaths: readonly string[];
}

/** All files that a plan's .proto files lead to, each behind those that it imports, and what is wrong with them. */
export interface ProtoFiles {
  readonly files: readonly ProtoFile[];
  /** Those that are not built in, by their names in the plan. */
  readonly names: readonly string[];
  readonly problems: readonly SchemaIssue[];
}

/** Reads .proto files with all that they import. @param baseDirectory the plan's folder */
export function readProtoFiles(source: ProtoSource, baseDirectory: string): ProtoFiles {
  return new ProtoReader(source, baseDirectory).read();
}

class ProtoReader {
  readonly #root = new protobuf.Root();
  readonly #source: ProtoSource;
  readonly #baseDirectory: string;
  readonly #files: ProtoFile[] = [];
  readonly #names: string[] = [];
  readonly #problems: SchemaIssue[] = [];
  readonly #seen = new Set<string>();
  readonly #declared = new Set<protobuf.ReflectionObject>();

  constructor(source: ProtoSource, baseDirectory: string) {
    this.#source = source;
    this.#baseDirectory = baseDirectory;
  }

  read(): ProtoFiles {
    for (const [i, name] of this.#source.proto.entries()) {
      try {
        this.#add(name, this.#textOf(name), ['proto', i]);
      } catch (error) {
        // It is told where it is named, and a run that is told so all the same has to be told of the file.
        this.#names.push(name);
        this.#problem(['proto', i], `${this.#shown(name)} cannot be read: ${errorMessage(error)}`);
      }
    }
    if (this.#problems.length === 0) this.#resolve();
    return { files: this.#files, names: [...new Set(this.#names)], problems: this.#problems };
  }

  #problem(path: SchemaIssue['path'], message: string): void {
    this.#problems.push({ path, message });
  }

  /** @param path of the file in the options that leads to it */
  #add(name: string, text: string, path: SchemaIssue['path']): void {
    if (this.#seen.has(name) || this.#seen.size >= MAX_FILES) return;
    this.#seen.add(name);
    this.#names.push(name);
    let parsed: protobuf.IParserResult;
    try {
      parsed = protobuf.parse(text, this.#root, { keepCase: true });
    } catch (error) {
      this.#problem(path, `${this.#shown(name)}: ${errorMessage(error)}`);
      return;
    }
    const declared = this.#newlyDeclared();
    const imports = [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])];
    for (const imported of imports) this.#addImport(imported, name, path);
    this.#files.push({ name, declared });
  }

  #addImport(imported: string, by: string, path: SchemaIssue['path']): void {
    const { proto, importPaths } = this.#source;
    const folders = [...importPaths, ...proto.map(dirname), '.', dirname(by)];
    for (const name of folders.map((folder) => join(folder, imported))) {
      if (this.#seen.has(name)) return;
      const text = this.#textIfThere(name);
      if (text === undefined) continue;
      this.#add(name, text, path);
      return;
    }
    if (this.#seen.has(imported)) return;
    const known = imported === DESCRIPTOR ? descriptor.FileOptions.root.toJSON() : protobuf.common.get(imported);
    if (known?.nested) {
      this.#seen.add(imported);
      this.#root.addJSON(known.nested);
      this.#files.push({ name: imported, declared: this.#newlyDeclared() });
      return;
    }
    const hint =
      importPaths.length > 0
        ? 'in none of importPaths'
        : 'not there: name the folder that it lies in under importPaths';
    this.#problem(path, `${this.#shown(by)} imports ${imported}, which is ${hint}`);
  }

  /** Finds the type of each field. */
  #resolve(): void {
    try {
      this.#root.resolveAll();
    } catch (error) {
      this.#problem(['proto'], `${errorMessage(error)}, nor in what it imports`);
    }
  }

  /** @throws {BenchError} when it cannot be read, with the reason alone */
  #textOf(name: string): string {
    return decodeUtf8(readPlanFile(planPath(this.#baseDirectory, name), MAX_FILE_BYTES));
  }

  #textIfThere(name: string): string | undefined {
    try {
      return this.#textOf(name);
    } catch {
      return undefined;
    }
  }

  #shown(name: string): string {
    return authorsPath(planPath(this.#baseDirectory, name));
  }

  /** What the file has declared that was read last. */
  #newlyDeclared(): protobuf.ReflectionObject[] {
    const found: protobuf.ReflectionObject[] = [];
    const look = (namespace: protobuf.Namespace) => {
      for (const one of namespace.nestedArray) {
        const isPackage =
          one instanceof protobuf.Namespace && !(one instanceof protobuf.Type || one instanceof protobuf.Service);
        if (isPackage) look(one);
        else if (!this.#declared.has(one)) found.push(one);
      }
    };
    look(this.#root);
    for (const one of found) this.#declared.add(one);
    return found;
  }
}
