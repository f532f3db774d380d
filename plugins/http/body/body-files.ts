import { errorMessage } from '../../../core/error.ts';
import { authorsPath, planPath, readPlanFile } from '../../../core/plan-files.ts';
import { PluginError } from '../../../core/plugin.ts';
import { decodeUtf8 } from '../../../core/text/utf8.ts';
import { compileTemplate, type FindColumn, parseTemplate, type Text, variablesIn } from '../../data/template.ts';

/** A body is sent from memory, once for each request. */
const MAX_BODY_BYTES = 256 << 20;

/** Reads the files of one body. */
export interface BodyFiles {
  /** Variables that the templates among them use, so far. */
  readonly reads: readonly string[];
  /**
   * @param place where the file is named in the plan, for messages
   * @param template the file contains text with placeholders
   * @throws {PluginError} when it cannot be read, or holds a wrong template
   */
  read(place: string, file: string, template: boolean): Text;
}

export function openBodyFiles(context: { readonly baseDirectory: string; readonly findColumn: FindColumn }): BodyFiles {
  const reads: string[] = [];
  let totalBytes = 0;
  return {
    reads,
    read(place, file, template) {
      const bytes = readBody(place, file, context.baseDirectory);
      totalBytes += bytes.length;
      if (totalBytes > MAX_BODY_BYTES) {
        throw new PluginError(`${place}.file: ${file}: the files of this body have more than 256 MiB together`);
      }
      if (!template) return bytes.toString('latin1');
      const parsed = parseTemplate(templateText(place, file, bytes));
      if (typeof parsed === 'string') throw new PluginError(`${place}.file: ${file}: ${parsed}`);
      if (parsed.some((part) => typeof part === 'object' && part.kind === 'reference')) {
        throw new PluginError(
          `${place}.file: ${file}: references to variables and files have values in the plan only; write $\${ for a plain \${`,
        );
      }
      reads.push(...variablesIn([parsed]));
      return compileTemplate(parsed, (value) => value, context.findColumn);
    },
  };
}

function readBody(place: string, file: string, baseDirectory: string): Buffer {
  const path = planPath(baseDirectory, file);
  try {
    return readPlanFile(path, MAX_BODY_BYTES);
  } catch (error) {
    throw new PluginError(`${place}.file: ${authorsPath(path)} cannot be read: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

function templateText(place: string, file: string, bytes: Buffer): string {
  try {
    return decodeUtf8(bytes);
  } catch (error) {
    throw new PluginError(`${place}.file: ${file}, ${errorMessage(error)}, or send it without template`, {
      cause: error,
    });
  }
}
