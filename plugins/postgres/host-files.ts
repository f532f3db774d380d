import { resolve } from 'node:path';
import { decoded, hidesOptions } from '../../core/secrets/database-url.ts';

/** Options of a URL that pg takes for names of files, which it opens itself. */
const FILE_OPTIONS = ['sslcert', 'sslkey', 'sslrootcert'];

/** The files and folders of sockets that pg opens for a URL of a plan; the URL itself where references could name some. */
export function hostFilesIn(url: string): string[] {
  if (hidesOptions(url)) return [url];
  // pg's parser of URLs drops these as well.
  const read = url.replaceAll(/[\t\r\n]/g, '');
  const [, query = ''] = /\?([^#]*)/.exec(read) ?? [];
  const options = new URLSearchParams(query);
  const [, host = ''] = /^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#:]*)/i.exec(read) ?? [];
  const sockets = [...options.getAll('host'), decoded(host)].filter((name) => name.startsWith('/'));
  // It begins in the folder in which the process was started, not in that of the plan.
  return [...FILE_OPTIONS.flatMap((name) => options.getAll(name)), ...sockets].map((file) => resolve(file));
}
