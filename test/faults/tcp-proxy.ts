import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface LinkOptions {
  /** Of each direction of each connection; as many as there are without it. */
  readonly bytesPerSecond?: number;
}

/** A link that can be cut (both sides see it), go silent or be forgotten (nobody does). */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #port: number;
  readonly #bytesPerSecond: number;
  /** Of connections that are silent for ever. */
  readonly #forgotten = new WeakSet<Socket>();
  #isCut = false;
  #isSilent = false;

  private constructor(server: Server, target: number, bytesPerSecond: number) {
    this.#server = server;
    this.#bytesPerSecond = bytesPerSecond;
    this.#port = (server.address() as AddressInfo).port;
    server.on('connection', (near) => {
      if (this.#isCut) return void near.destroy();
      const far = connect(target, '127.0.0.1').setNoDelay();
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  static async to(port: number, { bytesPerSecond = Number.POSITIVE_INFINITY }: LinkOptions = {}): Promise<TcpProxy> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TcpProxy(server, port, bytesPerSecond);
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Half-open: what is sent goes nowhere, and no side is told. */
  silence(): void {
    this.#isSilent = true;
  }

  /** As a NAT does that has lost its state: what is open now is silent for ever, and no side is told; new connections work. */
  forget(): void {
    for (const socket of this.#sockets) this.#forgotten.add(socket);
  }

  /** New connections work; those that were silent are gone. */
  restore(): void {
    if (this.#isSilent) for (const socket of this.#sockets) socket.destroy();
    this.#isCut = false;
    this.#isSilent = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #pause(from: Socket, bytes: number): void {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return;
    from.pause();
    setTimeout(() => from.resume(), (bytes / this.#bytesPerSecond) * 1000);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (data) => {
      if (!this.#isSilent && !this.#forgotten.has(from)) to.write(data);
      this.#pause(from, data.length);
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!this.#forgotten.has(from)) to.destroy();
    });
  }
}
