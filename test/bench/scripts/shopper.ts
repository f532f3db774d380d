import { defineUser } from '@bench/toolkit';

/** The same three requests as the flow that it is held against. */
export default defineUser({
  async iterate({ http }) {
    const session = await http.post('/session', { name: 'sign-in', json: { user: 'shopper' } });
    const { token } = session.json<{ data: { token: string } }>().data;
    const headers = { Authorization: `Bearer ${token}` };
    await http.get('/items?page=1', { name: 'list', headers });
    await http.post('/orders', { name: 'order', headers, json: { item: 7 } });
  },
});
