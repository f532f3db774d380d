import { defineUser } from '@bench/toolkit';

export default defineUser({
  async iterate({ http }) {
    await http.get('/health');
  },
});
