// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t from 'tap';
import grpc from '../../plugins/grpc.ts';
import health from '../../plugins/health.ts';
import http from '../../plugins/http.ts';
import httpUpload from '../../plugins/http-upload.ts';
import milvus from '../../plugins/milvus.ts';
import nothing from '../../plugins/null.ts';
import { testDriver } from '../../testing/driver-contract.ts';
import { startMilvusStub } from '../kit/programs/milvus-stub.ts';
import { PROTOS, startShop } from './grpc/shop-server.ts';
import { startAnswering, startSilent } from './raw-server.ts';

const network = { target: () => startAnswering(), silentTarget: startSilent };
const badConnection = { timeout: '0s', connectTimeout: 5, connections: 'sometimes', tls: { cert: 'client.pem' } };

t.test('null', (t) => testDriver((name, body) => t.test(name, body), { plugin: nothing, options: {}, badOptions: {} }));

t.test('health', (t) =>
  testDriver((name, body) => t.test(name, body), {
    plugin: health,
    options: {},
    badOptions: { path: 'health', contains: 1, ...badConnection },
    ...network,
  }),
);

t.test('http-upload', (t) =>
  testDriver((name, body) => t.test(name, body), {
    plugin: httpUpload,
    options: {},
    badOptions: { path: '', devicePrefix: 'a b', verify: { db: '' }, ...badConnection },
    ...network,
  }),
);

t.test('http', (t) =>
  testDriver((name, body) => t.test(name, body), {
    plugin: http,
    options: {
      headers: { 'X-Run': '${runId}' },
      operations: {
        list: { path: '/items?of=${vu}', checks: { status: '2xx', body: { json: { status: 'ok' } } } },
        add: { method: 'POST', path: '/items', body: { json: { id: '${uuid}', value: '${random(0, 1000, 2)}' } } },
        fixed: { method: 'DELETE', path: '/items/7' },
      },
    },
    badOptions: { operations: { a: {} }, http2: 'yes', data: { users: {} }, headers: { 'a b': 'c' }, ...badConnection },
    ...network,
  }),
);

t.test('grpc', (t) => {
  const method = 'shop.v1.Shop/PlaceOrder';
  const started = async () => {
    const { url, messages, stop } = await startShop();
    return { url, received: () => messages.map((message) => JSON.stringify(message)), stop: async () => stop() };
  };
  return testDriver((name, body) => t.test(name, body), {
    plugin: grpc,
    options: {
      proto: 'shop.proto',
      operations: {
        fixed: { method, message: { amount: 3 } },
        varying: { method, message: { customer: '${uuid}', amount: '${random(0, 9)}' }, metadata: { 'x-vu': '${vu}' } },
      },
    },
    badOptions: {
      operations: { a: { method: 'x' } },
      proto: 7,
      metadata: { te: '' },
      maxAnswerBytes: 0,
      ...badConnection,
    },
    baseDirectory: PROTOS,
    target: started,
    silentTarget: startSilent,
  });
});

t.test('milvus', (t) => {
  const started = async () => {
    const { url, calls, stop } = await startMilvusStub();
    return { url, received: () => calls.map(({ method, message }) => `${method} ${message.toString('hex')}`), stop };
  };
  // It has to find its collection before it loads.
  const silent = async () => {
    const { url, stop } = await startMilvusStub({ Search: () => undefined });
    return { url, received: () => [], stop };
  };
  const fields = { id: { type: 'int64', primary: true }, embedding: { type: 'floatVector', dim: 4 } };
  return testDriver((name, body) => t.test(name, body), {
    plugin: milvus,
    options: {
      collection: { fields },
      data: { rows: 100 },
      operations: {
        find: { search: { params: { ef: 16 } } },
        add: { insert: { rows: 3 } },
        change: { upsert: {} },
        remove: { delete: { ids: 2 } },
        read: { query: { filter: 'id in [${ids:3}]' } },
      },
    },
    badOptions: {
      operations: { a: {} },
      collection: { fields: {} },
      data: { batch: 0 },
      address: 'a b',
      ...badConnection,
    },
    target: started,
    silentTarget: silent,
  });
});

t.test('http over new connections', (t) =>
  testDriver((name, body) => t.test(name, body), {
    plugin: http,
    options: { connections: 'per-request', operations: { get: { path: '/' } } },
    badOptions: {},
    ...network,
  }),
);
