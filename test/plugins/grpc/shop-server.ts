import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceClientConstructor,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export const PROTOS = join(import.meta.dirname, 'protos');

interface OrderRequest {
  readonly customer?: string;
  readonly amount?: number;
  readonly fail?: string;
}

export interface ShopServer {
  readonly url: string;
  /** Messages as another implementation of protobuf reads them. */
  readonly messages: readonly unknown[];
  readonly metadata: readonly Readonly<Record<string, unknown>>[];
  stop(): void;
}

/** The service in protos/shop.proto, of grpc-js. @param wanted port */
export async function startShop(credentials = ServerCredentials.createInsecure(), wanted = 0): Promise<ShopServer> {
  const loaded = loadSync('shop.proto', {
    includeDirs: [PROTOS],
    keepCase: true,
    longs: String,
    enums: String,
    bytes: String,
    oneofs: true,
  });
  const { shop } = loadPackageDefinition(loaded) as unknown as {
    shop: { v1: { Shop: ServiceClientConstructor } };
  };
  const messages: unknown[] = [];
  const metadata: Record<string, unknown>[] = [];
  const server = new Server();
  server.addService(shop.v1.Shop.service, {
    Echo({ request }: ServerUnaryCall<object, object>, reply: sendUnaryData<object>) {
      messages.push(structuredClone({ ...request }));
      reply(null, request);
    },
    PlaceOrder({ request, metadata: given }: ServerUnaryCall<OrderRequest, object>, reply: sendUnaryData<object>) {
      messages.push({ ...request });
      metadata.push(given.getMap());
      const { customer = '', amount = 0, fail = '' } = request;
      if (fail === 'NEVER') return;
      if (fail !== '') reply({ code: status[fail as keyof typeof status] as number, details: `asked to: ${fail}` });
      else reply(null, { id: '9007199254740993', state: 'PAID', price: { units: amount, currency: customer } });
    },
    Watch() {},
    Load() {},
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wanted}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { url: `http://127.0.0.1:${port}`, messages, metadata, stop: () => server.forceShutdown() };
}
