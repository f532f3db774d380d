import { connect as connectTcp, Socket as TcpSocket } from 'node:net';
import { descriptorBudget, outOfDescriptors } from './descriptor-budget.ts';
import { ProxyRefusal } from './network-error.ts';
import { openTls } from './open-tls.ts';
import type { Route, SocketEvents, SocketTarget, StreamSocket } from './socket.ts';

const HEAD_LIMIT_BYTES = 16 * 1024;
const HEAD_END = '\r\n\r\n';

/** A connection through an HTTP proxy (CONNECT: RFC 9110, 9.3.6). It counts as connected once the proxy has opened the tunnel. */
export class TunnelSocket implements StreamSocket {
  readonly writeFailed = false;
  #stream: TcpSocket;

  /**
   * @param authority host and port that the proxy connects to
   * @param session a TLS ticket of an earlier connection
   * @param onread false when something else reads the socket, such as an HTTP/2 session
   */
  constructor(
    target: SocketTarget,
    authority: string,
    route: Route,
    events: SocketEvents,
    session: Buffer | undefined,
    onread: boolean,
  ) {
    const { ip, localIp } = route;
    const local = localIp === undefined ? {} : { localAddress: localIp };
    const budget = descriptorBudget();
    const mayOpen = budget.take();
    const tcp = mayOpen
      ? connectTcp({ host: ip, port: target.port, noDelay: true, ...local })
      : new TcpSocket().destroy(outOfDescriptors());
    if (mayOpen) tcp.once('close', () => budget.giveBack());
    this.#stream = tcp;
    this.#report(tcp, events);
    tcp.on('connect', () =>
      tcp.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: bench\r\n\r\n`),
    );
    readHead(tcp, (refusal) => {
      if (refusal !== undefined) {
        events.socketFailed(this, refusal);
        return;
      }
      events.socketConnected(this);
      if (target.tls === undefined || tcp.destroyed) return;
      const protocol = onread ? 'http/1.1' : 'h2';
      const tls = openTls({ socket: tcp }, target.tls, protocol, session, events, this);
      this.#stream = tls;
      this.#report(tls, events);
      if (onread) tls.on('data', (bytes: Buffer) => this.#received(bytes, target, events));
    });
  }

  get stream(): TcpSocket {
    return this.#stream;
  }

  get writableLength(): number {
    return this.#stream.writableLength;
  }

  write(data: string | Buffer): void {
    this.#stream.write(data, 'latin1');
  }

  destroy(): void {
    this.#stream.destroy();
  }

  onceClosed(listener: () => void): void {
    if (this.#stream.closed) listener();
    else this.#stream.once('close', listener);
  }

  #report(stream: TcpSocket, events: SocketEvents): void {
    stream.on('end', () => events.socketEnded(this));
    stream.on('error', (error) => events.socketFailed(this, error));
    stream.on('close', () => events.socketClosed(this));
  }

  #received(bytes: Buffer, { readBuffer }: SocketTarget, events: SocketEvents): void {
    for (let start = 0; start < bytes.length; start += readBuffer.length) {
      events.socketData(this, bytes.copy(readBuffer, 0, start));
    }
  }
}

/** Reads what the proxy answers. @param done called with why there is no tunnel, once */
function readHead(tcp: TcpSocket, done: (refusal: ProxyRefusal | undefined) => void): void {
  let text = '';
  const end = (refusal: ProxyRefusal | undefined) => {
    tcp.off('readable', read);
    done(refusal);
  };
  const read = () => {
    const bytes = tcp.read() as Buffer | null;
    if (bytes === null) return;
    text += bytes.toString('latin1');
    const headEnd = text.indexOf(HEAD_END);
    if (headEnd < 0) {
      if (text.length > HEAD_LIMIT_BYTES) end(new ProxyRefusal('the proxy answered more than 16 KiB of header'));
      return;
    }
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
    if (status === undefined) {
      end(new ProxyRefusal('what the proxy answered is not HTTP/1.1'));
    } else if (!status.startsWith('2')) {
      end(new ProxyRefusal(`the proxy answered ${status}`));
    } else {
      // Whatever follows is the server's.
      const rest = text.slice(headEnd + HEAD_END.length);
      if (rest !== '') tcp.unshift(Buffer.from(rest, 'latin1'));
      end(undefined);
    }
  };
  tcp.on('readable', read);
}
