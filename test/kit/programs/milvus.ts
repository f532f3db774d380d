import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { WITH_THIS_PROCESS } from '../../e2e/bench-process.ts';
import { pipInstall, pipLacks } from './pip-install.ts';

const VERSION = '2.3.5';
const NAMESPACE = fileURLToPath(new URL('./milvus-namespace.ts', import.meta.url));
/** Its program and libraries are packed in the package. */
const UNPACK = `
import lzma, os, shutil, sys
source, goal = sys.argv[1:]
for name in os.listdir(source):
    path = os.path.join(goal, name.removesuffix('.lzma'))
    with lzma.open(os.path.join(source, name)) as packed, open(path, 'wb') as file:
        shutil.copyfileobj(packed, file)
    os.chmod(path, 0o755)
`;

/** What a Milvus is started with, beside its defaults. */
export interface MilvusSettings {
  /** Keys of its template, such as `authorization_enabled`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** A real Milvus (standalone, with all that it needs in its own process), on a port of loopback. */
export class PrivateMilvus {
  /** Such as `127.0.0.1:4711`. */
  readonly address: string;
  readonly folder: string;
  readonly #host: ChildProcess;

  constructor(address: string, folder: string, host: ChildProcess) {
    this.address = address;
    this.folder = folder;
    this.#host = host;
  }

  /** Of the process that the server runs beneath. */
  get pid(): number {
    return this.#host.pid as number;
  }

  /** Resolves when it is ready. */
  start(): Promise<void> {
    return this.#order('start');
  }

  /** As `kill -9` does. Its port goes on to take connections, and closes them. */
  kill(): Promise<void> {
    return this.#order('kill');
  }

  /** Ends it, and removes its data. */
  async stop(): Promise<void> {
    const ended = once(this.#host, 'exit');
    this.#host.disconnect();
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  async #order(order: string): Promise<void> {
    const answered = once(this.#host, 'message');
    this.#host.send(order);
    const [problem] = await answered;
    if (problem !== '') throw new Error(problem);
  }
}

/** Why there can be no real Milvus here; undefined where there can. Installs it where it is missing. */
export async function milvusLacks(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the Milvus of PyPI is for Linux on x86-64';
  const namespace = spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
  if (namespace.status !== 0) return `Milvus needs a network namespace: ${namespace.stderr ?? 'there is no unshare'}`;
  return await pipLacks('Milvus', install);
}

/** A server for one test file. It listens in a network namespace, since it would listen on all addresses of the host. */
export async function privateMilvus(t: Pick<Test, 'teardown'>, settings: MilvusSettings = {}): Promise<PrivateMilvus> {
  const installed = await install();
  const folder = await mkdtemp(join(tmpdir(), 'bench-milvus-'));
  await configure(installed, folder, settings);
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
  const [program = '', ...flags] = [...WITH_THIS_PROCESS, 'unshare', '-rn', process.execPath, '--no-warnings'];
  const host = spawn(program, [...flags, NAMESPACE, installed, folder], {
    stdio: ['ignore', 'inherit', 'inherit', fd, 'ipc'],
  });
  await once(host, 'spawn');
  listener.close();
  const server = new PrivateMilvus(`127.0.0.1:${port}`, folder, host);
  t.teardown(() => server.stop());
  await server.start();
  return server;
}

/** @returns the folder with the installed server */
function install(): Promise<string> {
  return pipInstall(`milvus-${VERSION}`, ['--no-deps', `milvus==${VERSION}`], async (folder) => {
    const packed = join(folder, 'milvus/data/bin');
    const unpacked = join(folder, 'unpacked');
    await mkdir(unpacked);
    await promisify(execFile)('python3', ['-c', UNPACK, packed, unpacked]);
    await rm(join(folder, 'bin'), { recursive: true });
    await rename(unpacked, join(folder, 'bin'));
    await rm(packed, { recursive: true });
  });
}

/** Writes its configuration as the package's own start would: the template with its defaults, and the folders. */
async function configure(installed: string, folder: string, { config = {} }: MilvusSettings): Promise<void> {
  const source = join(installed, 'milvus/data');
  const values: Record<string, string> = {
    etcd_log_path: join(folder, 'etcd.log'),
    etcd_data_dir: join(folder, 'etcd'),
    local_storage_dir: join(folder, 'storage'),
    rocksmq_data_dir: join(folder, 'rocksmq'),
    system_log_path: '""',
    ...config,
  };
  await mkdir(join(folder, 'configs'));
  const template = await readFile(join(source, 'config.yaml.template'), 'utf8');
  const filled = template.replaceAll(
    /\{\{ *(\w+)(?:\(\w+\))?(?:: *([^ }]*))? *\}\}/g,
    (_, key: string, byDefault = '') => values[key] ?? byDefault,
  );
  // As long as a killed server counts as alive, nobody takes over what it had loaded.
  const forgetful = filled.replace('ttl: 30 ', 'ttl: 15 ');
  await writeFile(join(folder, 'configs/milvus.yaml'), forgetful);
  await copyFile(join(source, 'glog.conf'), join(folder, 'configs/glog.conf'));
}
